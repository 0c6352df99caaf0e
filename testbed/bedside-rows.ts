/** How a text is coloured; each keeps its visible characters. */
export interface ScreenPaint {
  readonly high: (text: string) => string;
  readonly medium: (text: string) => string;
  readonly low: (text: string) => string;
  readonly running: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

const same = (text: string): string => text;
export const PLAIN: ScreenPaint = {
  high: same,
  medium: same,
  low: same,
  running: same,
  strong: same,
  faint: same,
};

/** A piece of a line with its colour; it is measured without it. */
export type Piece = string | { readonly text: string; readonly paint: (text: string) => string };
export type Row = readonly Piece[];
/** A row with its place among those that stay where there is no room for all: the lowest stays longest. */
export interface Ranked {
  readonly rank: number;
  readonly row: Row;
}
/** What stays on a short terminal: nobody may miss a high alarm, or that no limits hold. */
export const STAYS = {
  high: 0,
  libraryNotInUse: 1,
  medium: 2,
  channel: 3,
  training: 4,
  low: 5,
  programme: 6,
  access: 7,
  supply: 8,
  pressure: 8,
  library: 9,
  blank: 10,
} as const;

/** The rows that there is room for, in their order; of two that matter as much the lower one goes. One always stays. */
export function fitted(rows: readonly Ranked[], most: number): readonly Ranked[] {
  if (rows.length <= most) return rows;
  const kept = rows
    .map(({ rank }, index) => ({ rank, index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, Math.max(1, most));
  const places = new Set(kept.map(({ index }) => index));
  return rows.filter((_, index) => places.has(index));
}

/** The pieces side by side, cut and filled to a width. */
export function painted(row: Row, width: number): string {
  let left = width;
  let line = '';
  for (const piece of row) {
    const { text, paint } = typeof piece === 'string' ? { text: piece, paint: same } : piece;
    const shown = shortened(text, left);
    left -= [...shown].length;
    line += shown === '' ? '' : paint(shown);
  }
  return line + ' '.repeat(left);
}

export function shortened(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width
    ? text
    : `${characters.slice(0, Math.max(0, width - 1)).join('')}${width > 0 ? '…' : ''}`;
}

/** Names come from files and wires: nothing in them may move a cursor. */
export function clean(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
