import { endsFirst, shownAmount, shownDose, shownTime } from '../simulator/pump/index.ts';
import { clean, type Piece, type Ranked, type ScreenPaint, STAYS, shortened } from './bedside-rows.ts';
import type { BedsideChannel } from './bedside-state.ts';

type BedsideRunning = NonNullable<BedsideChannel['running']>;

const BAR_CELLS = 16;

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

/** What the display shows of one channel. */
export function channelRows(channel: BedsideChannel, paint: ScreenPaint): Ranked[] {
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
