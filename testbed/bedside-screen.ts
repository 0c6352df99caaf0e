import { endsFirst, shownAmount, shownDose, shownTime } from '../simulator/pump/index.ts';
import type { BedsideChannel, BedsideState } from './bedside-state.ts';

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
const PLAIN: ScreenPaint = { high: same, medium: same, low: same, running: same, strong: same, faint: same };

const LEAST_COLUMNS = 60;
const MOST_COLUMNS = 100;
const BAR_CELLS = 16;
/** A piece of a line with its colour; it is measured without it. */
type Piece = string | { readonly text: string; readonly paint: (text: string) => string };
type Row = readonly Piece[];
/** A row with its place among those that stay where there is no room for all: the lowest stays longest. */
interface Ranked {
  readonly rank: number;
  readonly row: Row;
}
type BedsideRunning = NonNullable<BedsideChannel['running']>;

/** What stays on a short terminal: nobody may miss a high alarm, or that no limits hold. */
const STAYS = {
  high: 0,
  libraryNotInUse: 1,
  medium: 2,
  channel: 3,
  training: 4,
  order: 4,
  low: 5,
  programme: 6,
  access: 7,
  supply: 8,
  pressure: 8,
  library: 9,
  blank: 10,
} as const;

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

/** The rows that there is room for, in their order; of two that matter as much the lower one goes. One always stays. */
function fitted(rows: readonly Ranked[], most: number): readonly Ranked[] {
  if (rows.length <= most) return rows;
  const kept = rows
    .map(({ rank }, index) => ({ rank, index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .slice(0, Math.max(1, most));
  const places = new Set(kept.map(({ index }) => index));
  return rows.filter((_, index) => places.has(index));
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

/** What the display calls each state of a channel. */
const WORDS = {
  off: 'OFF',
  selfTest: 'SELF-TEST',
  standby: 'STANDBY',
  programming: 'CONFIRM?',
  ready: 'READY',
  infusing: 'INFUSING',
  keepVeinOpen: 'KEEP OPEN',
  paused: 'PAUSED',
  stopped: 'STOPPED',
  complete: 'COMPLETE',
} as const;
/** Modes of the machine that the state of the wire does not tell apart. */
const MODE_WORDS: Readonly<Record<string, string>> = {
  bolus: 'BOLUS',
  pcaDose: 'PCA DOSE',
  loading: 'LOADING',
  secondary: 'SECONDARY',
};

/** What ends by itself before the programme does, in the middle of a sentence. */
const DOSE_WORDS = { loading: 'of the loading dose', bolus: 'of the bolus', pcaDose: 'of the dose' } as const;

function channelRows(channel: BedsideChannel, paint: ScreenPaint): Ranked[] {
  const { therapy, mode, running, next } = channel;
  const word = MODE_WORDS[mode] ?? WORDS[therapy];
  const runs = therapy === 'infusing' || therapy === 'keepVeinOpen';
  const head: Piece[] = [
    { text: clean(channel.channel).padEnd(2), paint: paint.strong },
    { text: word.padEnd(10), paint: runs ? paint.running : paint.strong },
  ];
  const pressureRow = { rank: STAYS.pressure, row: [`  pressure ${pressure(channel)}${air(channel)}`] };
  if (running === null) return [{ rank: STAYS.channel, row: head }, pressureRow];
  const programme = (text: string): Ranked => ({ rank: STAYS.programme, row: [`  ${text}`] });
  return [
    { rank: STAYS.channel, row: [...head, { text: given(running, 26), paint: paint.strong }] },
    programme(`${interruptedPart(channel, running)}${progress(running)}`),
    ...channel.shownBack.map((line) => programme(clean(line))),
    ...(next === null ? [] : nextRows(next, channel.nextShownBack).map(programme)),
    pressureRow,
  ];
}

/** Drug, rate and dose. */
function given({ drug, rateMlPerH, dose }: BedsideRunning, columns: number): string {
  const name = shortened(drug === null ? 'NO DRUG NAMED' : clean(drug), 26).padEnd(columns);
  const doseText = shownDose(dose);
  return `${name} ${shownAmount(rateMlPerH)} mL/h${doseText === undefined ? '' : `  ${clean(doseText)}`}`;
}

/** What a pause or an alarm has interrupted, where it is not the programme itself. */
function interruptedPart({ therapy }: BedsideChannel, { phase }: BedsideRunning): string {
  const rests = therapy === 'paused' || therapy === 'stopped';
  const words: Readonly<Record<string, string>> = {
    loading: 'loading dose, ',
    secondary: 'second bag, ',
    keepVeinOpen: 'keeps the vein open, ',
  };
  return rests ? (words[phase] ?? '') : '';
}

function progress({ phase, infusedMl, volumeToBeInfusedMl, leftMl, leftMinutes }: BedsideRunning): string {
  const infused = `infused ${infusedMl.toFixed(1)} of ${shownAmount(volumeToBeInfusedMl)} mL`;
  if (leftMl === null || leftMinutes === null) return infused;
  const ofWhat = endsFirst(phase) ? ` ${DOSE_WORDS[phase]}` : '';
  return `${infused}, ${leftMl.toFixed(1)} mL and ${shownTime(leftMinutes)} left${ofWhat}`;
}

function nextRows(next: BedsideRunning, shownBack: readonly string[]): string[] {
  const { phase, leftMl, leftMinutes } = next;
  const rest =
    leftMl === null || leftMinutes === null
      ? []
      : [`${shownAmount(Number(leftMl.toFixed(1)))} mL in ${shownTime(leftMinutes)}`];
  const details = [...rest, ...shownBack.map(clean)];
  return [
    `${phase === 'secondary' ? 'second bag' : 'then'}: ${given(next, 0)}`,
    ...(details.length === 0 ? [] : [`  ${details.join(', ')}`]),
  ];
}

/** A bar to the limit at which the pump alarms. */
function pressure({ pressureMmHg, occlusionLimitMmHg }: BedsideChannel): string {
  const mmHg = Math.max(0, pressureMmHg).toFixed(0);
  if (!(occlusionLimitMmHg > 0)) return `${mmHg} mmHg`;
  const share = Math.min(1, Math.max(0, pressureMmHg / occlusionLimitMmHg));
  const filled = Math.round(share * BAR_CELLS);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ${mmHg} of ${shownAmount(occlusionLimitMmHg)} mmHg`;
}

function air({ airMicroL }: BedsideChannel): string {
  return airMicroL >= 1 ? `, air ${airMicroL.toFixed(0)} µL` : '';
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
  const order = { text: 'AN ORDER WAITS FOR CONFIRMATION HERE', paint: paint.medium };
  return [
    { rank: STAYS.blank, row: [''] },
    ...(state.waitsForConfirmation ? [{ rank: STAYS.order, row: [order] }] : []),
    {
      rank: access === '' ? STAYS.supply : STAYS.access,
      row: [...supply, access === '' ? '' : `, ${access}`],
    },
    library,
    { rank: STAYS.training, row: [{ text: 'TRAINING, NOT FOR HUMAN USE', paint: paint.faint }] },
  ];
}

/** The pieces side by side, cut and filled to a width. */
function painted(row: Row, width: number): string {
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

function shortened(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width
    ? text
    : `${characters.slice(0, Math.max(0, width - 1)).join('')}${width > 0 ? '…' : ''}`;
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

/** Names come from files and wires: nothing in them may move a cursor. */
function clean(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
