import { channelRows } from './bedside-channel.ts';
import {
  clean,
  fitted,
  PLAIN,
  painted,
  type Ranked,
  type Row,
  type ScreenPaint,
  STAYS,
  shortened,
} from './bedside-rows.ts';
import type { BedsideState } from './bedside-state.ts';

const LEAST_COLUMNS = 60;
const MOST_COLUMNS = 100;
/** Marks of the priorities [IEC 60601-1-8]: three, two or one. */
const MARKS = { high: '!!!', medium: '!! ', low: '!  ' } as const;
const RANK = { high: 0, medium: 1, low: 2 } as const;

/**
 * The display of a pump as framed lines, all of the same width. Known limit: a character counts as one column, so names in scripts
 * of double width would move the frame.
 *
 * @param columns of the terminal; from 60 to 100 are used
 * @param most lines; where they are not enough, what matters least is left out
 */
export function bedsideScreen(
  state: BedsideState,
  paint: ScreenPaint = PLAIN,
  columns = 80,
  most = Number.POSITIVE_INFINITY,
): string[] {
  // The last column is left free: some terminals wrap there.
  const inner = Math.min(Math.max(columns, LEAST_COLUMNS), MOST_COLUMNS) - 5;
  const rows = fitted(rowsOf(state, paint, inner), most - 2);
  const title = `─ ${shortened(`${clean(state.serial)}  ${clean(state.model)}, ${clean(state.careArea)}`, inner - 12)} `;
  const clock = ` ${clockTime(state.atMs)} ─`;
  const top = `┌${title}${'─'.repeat(inner + 2 - [...title].length - clock.length)}${clock}┐`;
  return [top, ...rows.map(({ row }) => `│ ${painted(row, inner)} │`), `└${'─'.repeat(inner + 2)}┘`];
}

function rowsOf(state: BedsideState, paint: ScreenPaint, inner: number): Ranked[] {
  const supply: Row = [
    `battery ${state.batteryPercent.toFixed(0)} %, ${state.power === 'mains' ? 'on mains' : 'ON BATTERY'}`,
  ];
  // What alarms without a supply has one of its own.
  const alarms = alarmRows(state, paint);
  if (!state.on) {
    return [
      ...alarms,
      { rank: STAYS.channel, row: ['off'] },
      { rank: STAYS.blank, row: [''] },
      { rank: STAYS.supply, row: supply },
    ];
  }
  const works = state.channels.some(({ therapy }) => therapy !== 'off' && therapy !== 'selfTest');
  const body = works
    ? state.channels.flatMap((channel) => channelRows(channel, paint))
    : folded(clean(state.line), inner).map((line) => ({ rank: STAYS.channel, row: [line] }));
  return [...alarms, ...body, ...statusRows(state, supply, paint)];
}

/** Each alarm a line, the most urgent first; a blank one where there is none, so that nothing jumps. */
function alarmRows({ alarms, atMs }: BedsideState, paint: ScreenPaint): Ranked[] {
  if (alarms.length === 0) return [{ rank: STAYS.blank, row: [''] }];
  return [...alarms]
    .sort((a, b) => RANK[a.priority] - RANK[b.priority])
    .map(({ text: name, channel, priority, silencedUntilMs }) => {
      const where = channel === null ? '' : `${clean(channel)}: `;
      const leftS = silencedUntilMs === null ? 0 : Math.ceil((silencedUntilMs - atMs) / 1_000);
      const silenced = leftS > 0 ? `  silenced for ${leftS} s` : '';
      const text = `${MARKS[priority]} ${where}${clean(name)}  (${priority} priority)${silenced}`;
      return { rank: STAYS[priority], row: [{ text, paint: paint[priority] }] };
    });
}

const ACCESS: Readonly<Record<string, string>> = {
  unlocked: '',
  locked: 'KEYPAD LOCKED',
  lockedOut: 'LOCKED OUT',
  service: 'SERVICE MODE',
};

function statusRows(state: BedsideState, supply: Row, paint: ScreenPaint): Ranked[] {
  const access = ACCESS[state.access] ?? clean(state.access).toUpperCase();
  const pending =
    state.libraryPending === null ? '' : `, ${clean(state.libraryPending)} waits for a new patient`;
  const library: Ranked = state.libraryInUse
    ? { rank: STAYS.library, row: [`library ${clean(state.library ?? 'in use')}${pending}`] }
    : {
        rank: STAYS.libraryNotInUse,
        row: [{ text: 'LIBRARY NOT IN USE', paint: paint.medium }, pending],
      };
  return [
    { rank: STAYS.blank, row: [''] },
    {
      rank: access === '' ? STAYS.supply : STAYS.access,
      row: [...supply, access === '' ? '' : `, ${access}`],
    },
    library,
    { rank: STAYS.training, row: [{ text: 'TRAINING, NOT FOR HUMAN USE', paint: paint.faint }] },
  ];
}

function folded(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function clockTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? '--:--:--' : time.toTimeString().slice(0, 8);
}
