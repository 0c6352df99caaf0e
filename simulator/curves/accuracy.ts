import { advance, type LineParameters, type Mechanism, MS_PER_H, restingChannel } from '../physics/index.ts';

const MS_PER_MIN = 60_000;
/** How often the volume is read. */
export const SAMPLE_MS = 30_000;
/** The start-up curve lasts two hours; the trumpet curve looks at the second. */
const OBSERVED_MS = 2 * MS_PER_H;
const ANALYSED_FROM_MS = MS_PER_H;
/** Lengths of the observation windows, in minutes. */
export const WINDOWS_MINUTES = [2, 5, 11, 19, 31] as const;

/** One channel with an open line and enough to drive, a new set, at one rate. */
export interface CurveSetup {
  readonly mechanism: Mechanism;
  readonly line: LineParameters;
  readonly rateMlPerH: number;
}

/** The mean true flow of the sample period that ends at `atMs` after the start. */
export interface FlowSample {
  readonly atMs: number;
  readonly flowMlPerH: number;
}

/** The largest and the smallest error of the mean flow over all windows of one length, in percent of the rate. */
export interface TrumpetPoint {
  readonly windowMinutes: number;
  readonly largestErrorPercent: number;
  readonly smallestErrorPercent: number;
}

export interface Trumpet {
  readonly points: readonly TrumpetPoint[];
  /** Error of the mean flow over the whole second hour, in percent of the rate. */
  readonly meanErrorPercent: number;
}

/**
 * The flow in the first two hours after a start, a mean for each 30 s: after the form of IEC 60601-2-24 (figures of the
 * standard not checked).
 */
export function startUpCurve(setup: CurveSetup): readonly FlowSample[] {
  const volumesMl = sampledVolumesMl(setup);
  return volumesMl.slice(1).map((volumeMl, index) => ({
    atMs: (index + 1) * SAMPLE_MS,
    flowMlPerH: ((volumeMl - (volumesMl[index] ?? 0)) / SAMPLE_MS) * MS_PER_H,
  }));
}

/**
 * How far the mean flow over a window can be off, for windows that slide by the sample period through the second hour
 * after a start: after the form of IEC 60601-2-24 (figures of the standard not checked).
 */
export function trumpetCurve(setup: CurveSetup): Trumpet {
  const analysedMl = sampledVolumesMl(setup).slice(ANALYSED_FROM_MS / SAMPLE_MS);
  const errorsPercent = (windowMs: number): number[] => {
    const samples = windowMs / SAMPLE_MS;
    const orderedMl = (setup.rateMlPerH * windowMs) / MS_PER_H;
    return analysedMl
      .slice(samples)
      .map((endMl, index) => (100 * (endMl - (analysedMl[index] ?? 0) - orderedMl)) / orderedMl);
  };
  const [meanErrorPercent = 0] = errorsPercent(OBSERVED_MS - ANALYSED_FROM_MS);
  const points = WINDOWS_MINUTES.map((windowMinutes) => {
    const errors = errorsPercent(windowMinutes * MS_PER_MIN);
    return {
      windowMinutes,
      largestErrorPercent: Math.max(...errors),
      smallestErrorPercent: Math.min(...errors),
    };
  });
  return { points, meanErrorPercent };
}

/** What has been delivered at 0, 30 s, … 2 h after the start, in mL. */
function sampledVolumesMl({ mechanism, line, rateMlPerH }: CurveSetup): readonly number[] {
  const start = { ...restingChannel(0, Number.POSITIVE_INFINITY, mechanism), driveMlPerH: rateMlPerH };
  return Array.from(
    { length: OBSERVED_MS / SAMPLE_MS + 1 },
    (_, index) => advance(start, line, index * SAMPLE_MS).deliveredMl,
  );
}
