import { type BedsideState, bedsideScreen, type ScreenPaint } from '../../testbed/index.ts';

/** So many lines of what was said are enough to follow a conversation. */
const MOST_SAID = 6;

/** What stands on the terminal: the display, what was said, the legend if there is room for it, and the line that is typed. */
export function bedsideLayout({
  state,
  paint,
  said,
  legend,
  prompt,
  columns,
  rows,
}: {
  readonly state: BedsideState;
  readonly paint: ScreenPaint | undefined;
  /** The oldest first. */
  readonly said: readonly string[];
  readonly legend: readonly string[];
  readonly prompt: string;
  readonly columns: number;
  /** Of the terminal. */
  readonly rows: number;
}): string[] {
  // The prompt, and the row below it to which the cursor goes.
  const room = rows - 2;
  const whole = bedsideScreen(state, paint, columns);
  const keys = whole.length + 1 + legend.length <= room ? legend : [];
  const display = whole.length + 1 <= room ? whole : bedsideScreen(state, paint, columns, room - 1);
  const left = Math.max(1, room - display.length - keys.length);
  return [...display, ...said.slice(-Math.min(MOST_SAID, left)), ...keys, prompt];
}
