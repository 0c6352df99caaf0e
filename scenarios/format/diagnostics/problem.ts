/** Where in a parsed document something is: keys and indices from the root. */
export type DataPath = readonly (string | number)[];

/** What is wrong at a place of a document; the place becomes a line and a column once its source is at hand. */
export interface Problem {
  readonly path: DataPath;
  /** Whether the key is wrong or what stands behind it. */
  readonly at: 'key' | 'value';
  /** What is wrong, with the offending key or value and what was expected. */
  readonly message: string;
  readonly hint?: string | undefined;
}

export interface Position {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

/** A problem at its place in a file. */
export interface LocatedProblem extends Position {
  readonly file: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** `file:line:column: message (hint)` */
export function problemLine({ file, line, column, message, hint }: LocatedProblem): string {
  return `${file}:${line}:${column}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** In the order of the file. */
export function byPosition(a: LocatedProblem, b: LocatedProblem): number {
  return a.line - b.line || a.column - b.column;
}

/** `steps[3].action.pump` */
export function pathText(path: DataPath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}

/** A value as an error names it: JSON, cut short. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
