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

/** Marks of the priorities [IEC 60601-1-8]: three, two or one. */
const MARKS = { high: '!!!', medium: '!! ', low: '!  ' } as const;
const RANK = { high: 0, medium: 1, low: 2 } as const;

/**
 * The display of a pump as framed lines, all of the same width. Known limit: a character counts as one column, so names in scripts
 * of double width would move the frame.
 *
 * @param columns of the terminal; from 60 to 100 are used
 */
export function bedsideScreen(state: BedsideState, paint: ScreenPaint = PLAIN, columns = 80): string[] {
  // The last column is left free: some terminals wrap there.
  const inner = Math.min(Math.max(columns, LEAST_COLUMNS), MOST_COLUMNS) - 5;
  const rows = rowsOf(state, paint, inner);
  const title = `─ ${shortened(`${clean(state.serial)}  ${clean(state.model)}, ${clean(state.careArea)}`, inner - 12)} `;
  const clock = ` ${clockTime(state.atMs)} ─`;
  const top = `┌${title}${'─'.repeat(inner + 2 - [...title].length - clock.length)}${clock}┐`;
  return [top, ...rows.map((row) => `│ ${painted(row, inner)} │`), `└${'─'.repeat(inner + 2)}┘`];
}

function rowsOf(state: BedsideState, paint: ScreenPaint, inner: number): Row[] {
  const supply: Row = [
    `battery ${state.batteryPercent.toFixed(0)} %, ${state.power === 'mains' ? 'on mains' : 'ON BATTERY'}`,
  ];
  if (!state.on) return [[''], ['off'], [''], supply];
  const works = state.channels.some(({ therapy }) => therapy !== 'off' && therapy !== 'selfTest');
  const body = works
    ? state.channels.flatMap((channel) => channelRows(channel, paint))
    : folded(clean(state.line), inner).map((line) => [line]);
  return [...alarmRows(state, paint), ...body, ...statusRows(state, supply, paint)];
}

/** Each alarm a line, the most urgent first; a blank one where there is none, so that nothing jumps. */
function alarmRows({ alarms, atMs }: BedsideState, paint: ScreenPaint): Row[] {
  if (alarms.length === 0) return [['']];
  return [...alarms]
    .sort((a, b) => RANK[a.priority] - RANK[b.priority])
    .map(({ alarm, channel, priority, silencedUntilMs }) => {
      const name = clean(alarm).replaceAll('-', ' ').toUpperCase();
      const where = channel === null ? '' : `${clean(channel)}: `;
      const leftS = silencedUntilMs === null ? 0 : Math.ceil((silencedUntilMs - atMs) / 1_000);
      const silenced = leftS > 0 ? `  silenced for ${leftS} s` : '';
      return [
        {
          text: `${MARKS[priority]} ${where}${name}  (${priority} priority)${silenced}`,
          paint: paint[priority],
        },
      ];
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
  loadingDose: 'LOADING',
  secondary: 'SECONDARY',
};

function channelRows(channel: BedsideChannel, paint: ScreenPaint): Row[] {
  const { therapy, mode } = channel;
  const word = MODE_WORDS[mode] ?? WORDS[therapy];
  const runs = therapy === 'infusing' || therapy === 'keepVeinOpen';
  const head: Piece[] = [
    { text: clean(channel.channel).padEnd(2), paint: paint.strong },
    { text: word.padEnd(10), paint: runs ? paint.running : paint.strong },
  ];
  const rows: Row[] = [];
  if (!channel.programmed) rows.push(head);
  else {
    const drug = channel.drug === null ? 'NO DRUG NAMED' : clean(channel.drug);
    // A fluid's dose is its rate: it is shown once.
    const isSaid = channel.dose === null || channel.dose.unit === 'mL/h';
    const dose =
      isSaid || channel.dose === null ? '' : `  ${amount(channel.dose.value)} ${clean(channel.dose.unit)}`;
    rows.push([
      ...head,
      {
        text: `${shortened(drug, 26).padEnd(26)} ${amount(channel.rateMlPerH)} mL/h${dose}`,
        paint: paint.strong,
      },
    ]);
    rows.push([
      `  infused ${channel.infusedMl.toFixed(1)} of ${amount(channel.volumeToBeInfusedMl)} mL${timeLeft(channel)}`,
    ]);
    if (channel.secondary !== null) {
      const second = clean(channel.secondary.drug ?? 'no drug named');
      rows.push([`  second bag: ${shortened(second, 26)} ${amount(channel.secondary.rateMlPerH)} mL/h`]);
    }
  }
  rows.push([`  pressure ${pressure(channel)}${air(channel)}`]);
  return rows;
}

function timeLeft({ therapy, rateMlPerH, volumeToBeInfusedMl, infusedMl }: BedsideChannel): string {
  const leftMl = volumeToBeInfusedMl - infusedMl;
  if (therapy === 'keepVeinOpen' || therapy === 'complete' || !(leftMl > 0) || !(rateMlPerH > 0)) return '';
  const minutes = Math.ceil((leftMl / rateMlPerH) * 60);
  const hours = Math.floor(minutes / 60);
  return `, ${leftMl.toFixed(1)} mL and ${hours} h ${String(minutes % 60).padStart(2, '0')} min left`;
}

/** A bar to the limit at which the pump alarms. */
function pressure({ pressureMmHg, occlusionLimitMmHg }: BedsideChannel): string {
  const mmHg = Math.max(0, pressureMmHg).toFixed(0);
  if (occlusionLimitMmHg === null || !(occlusionLimitMmHg > 0)) return `${mmHg} mmHg`;
  const share = Math.min(1, Math.max(0, pressureMmHg / occlusionLimitMmHg));
  const filled = Math.round(share * BAR_CELLS);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ${mmHg} of ${amount(occlusionLimitMmHg)} mmHg`;
}

function air({ airMicroL }: BedsideChannel): string {
  return airMicroL !== null && airMicroL >= 1 ? `, air ${airMicroL.toFixed(0)} µL` : '';
}

const ACCESS: Readonly<Record<string, string>> = {
  unlocked: '',
  locked: 'KEYPAD LOCKED',
  lockedOut: 'LOCKED OUT',
  service: 'SERVICE MODE',
};

function statusRows(state: BedsideState, supply: Row, paint: ScreenPaint): Row[] {
  const access = ACCESS[state.access] ?? clean(state.access).toUpperCase();
  const pending =
    state.libraryPending === null ? '' : `, ${clean(state.libraryPending)} waits for a new patient`;
  const library: Piece[] = state.libraryInUse
    ? [`library ${clean(state.library ?? 'in use')}${pending}`]
    : [{ text: 'LIBRARY NOT IN USE', paint: paint.medium }, pending];
  return [
    [''],
    ...(state.waitsForConfirmation
      ? [[{ text: 'AN ORDER WAITS FOR CONFIRMATION HERE', paint: paint.medium }]]
      : []),
    [...supply, access === '' ? '' : `, ${access}`],
    [...library],
    [{ text: 'TRAINING, NOT FOR HUMAN USE', paint: paint.faint }],
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

/** Up to three places, as many as it needs. */
function amount(value: number): string {
  return String(Number(value.toFixed(3)));
}

function clockTime(ms: number): string {
  const time = new Date(ms);
  return Number.isNaN(time.getTime()) ? '--:--:--' : time.toTimeString().slice(0, 8);
}

/** Names come from files and wires: nothing in them may move a cursor. */
function clean(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
