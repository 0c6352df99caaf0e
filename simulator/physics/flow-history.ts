import {
  type ChannelPhysics,
  drivableMl,
  type LineParameters,
  MS_PER_H,
  movableMl,
  RELEASE_ML_PER_H,
  staysWithin,
} from './channel.ts';
import { isSteady, movedMl, steadyShare } from './mechanism.ts';

/** A stretch of constant flow: it lasts until the next one begins. */
export interface FlowStretch {
  readonly fromMs: number;
  readonly flowMlPerH: number;
}

/** Where the start-up of a new set is cut, in times its play: so the chords leave out no more than 3% of the play. */
const START_UP_KNOTS = [0.5, 1, 2, 4];

/**
 * The flow into the patient from `physics.sinceMs` to `untilMs`, as stretches of mean flow. They are cut where the
 * motor stops, where a release ends and a few times while a new set settles; at each cut and at `untilMs` the volume
 * is exact. In between the swing of the mechanism is left out: there the volume is wrong by at most
 * periodicShare · turnMl / π for the swing, and 3% of slackMl for the start-up.
 */
export function flowStretches(
  physics: ChannelPhysics,
  line: LineParameters,
  untilMs: number,
): readonly FlowStretch[] {
  const { sinceMs, trappedMl, clamped } = physics;
  if (clamped) return [{ fromMs: sinceMs, flowMlPerH: 0 }];
  const motorStopsMs = motorStops(physics, line, untilMs);
  const releaseEndsMs = sinceMs + (trappedMl / RELEASE_ML_PER_H) * MS_PER_H;
  const motorMlPerH = motorFlow(physics, motorStopsMs);
  const changesMs = [motorStopsMs, releaseEndsMs, ...startUpKnots(physics, motorStopsMs)]
    .filter((atMs) => atMs > sinceMs && atMs < untilMs)
    .sort((a, b) => a - b);
  return [sinceMs, ...changesMs].map((fromMs, index) => ({
    fromMs,
    flowMlPerH:
      motorMlPerH(fromMs, changesMs[index] ?? untilMs) + (fromMs < releaseEndsMs ? RELEASE_ML_PER_H : 0),
  }));
}

/** When the motor stops of itself; infinite if that is not before `untilMs`. */
function motorStops(physics: ChannelPhysics, line: LineParameters, untilMs: number): number {
  const { sinceMs, driveMlPerH, budgetMl } = physics;
  if (!(driveMlPerH > 0)) return sinceMs;
  const byMl = (driveMlPerH * Math.max(0, untilMs - sinceMs)) / MS_PER_H;
  const runsOn =
    (budgetMl === null || byMl < budgetMl) && staysWithin(physics, byMl, movableMl(physics, line));
  if (runsOn) return Number.POSITIVE_INFINITY;
  return sinceMs + (drivableMl(physics, line) / driveMlPerH) * MS_PER_H;
}

/** The mean flow from the motor between two instants, none of which lies across its stop. */
function motorFlow(physics: ChannelPhysics, motorStopsMs: number): (fromMs: number, toMs: number) => number {
  const { sinceMs, driveMlPerH } = physics;
  if (isSteady(physics)) {
    const steadyMlPerH = driveMlPerH * steadyShare(physics);
    return (fromMs) => (fromMs < motorStopsMs ? steadyMlPerH : 0);
  }
  const drivenMl = (atMs: number): number => (driveMlPerH * (atMs - sinceMs)) / MS_PER_H;
  return (fromMs, toMs) => {
    if (!(fromMs < motorStopsMs) || !(toMs > fromMs)) return 0;
    const movedBetweenMl = movedMl(physics, drivenMl(toMs)) - movedMl(physics, drivenMl(fromMs));
    return (Math.max(0, movedBetweenMl) / (toMs - fromMs)) * MS_PER_H;
  };
}

/** When a new set has settled so far, before the motor stops. */
function startUpKnots(physics: ChannelPhysics, motorStopsMs: number): readonly number[] {
  const { sinceMs, driveMlPerH, settledMl, mechanism } = physics;
  if (!(driveMlPerH > 0) || isSteady(physics) || settledMl >= 4 * mechanism.slackMl) return [];
  return START_UP_KNOTS.map(
    (times) => sinceMs + ((times * mechanism.slackMl - settledMl) / driveMlPerH) * MS_PER_H,
  ).filter((atMs) => atMs < motorStopsMs);
}

/** The volume of a list of stretches from its beginning to `untilMs`, in mL. */
export function integrateMl(stretches: readonly FlowStretch[], untilMs: number): number {
  let volumeMl = 0;
  for (const [index, stretch] of stretches.entries()) {
    if (stretch.fromMs >= untilMs) break;
    const toMs = Math.min(stretches[index + 1]?.fromMs ?? untilMs, untilMs);
    volumeMl += (stretch.flowMlPerH * (toMs - stretch.fromMs)) / MS_PER_H;
  }
  return volumeMl;
}
