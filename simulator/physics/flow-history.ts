import {
  type ChannelPhysics,
  drivableMl,
  type LineParameters,
  MS_PER_H,
  RELEASE_ML_PER_H,
} from './channel.ts';

/** A stretch of constant flow: it lasts until the next one begins. */
export interface FlowStretch {
  readonly fromMs: number;
  readonly flowMlPerH: number;
}

/**
 * The flow into the patient from `physics.sinceMs` to `untilMs`, as stretches of constant flow. It changes of itself
 * when the motor stops at its budget or an empty reservoir, and when a release ends.
 */
export function flowStretches(
  physics: ChannelPhysics,
  line: LineParameters,
  untilMs: number,
): readonly FlowStretch[] {
  const { sinceMs, driveMlPerH, trappedMl, clamped } = physics;
  if (clamped) return [{ fromMs: sinceMs, flowMlPerH: 0 }];
  const motorStopsMs =
    driveMlPerH > 0 ? sinceMs + (drivableMl(physics, line) / driveMlPerH) * MS_PER_H : sinceMs;
  const releaseEndsMs = sinceMs + (trappedMl / RELEASE_ML_PER_H) * MS_PER_H;
  const flowFrom = (fromMs: number): FlowStretch => ({
    fromMs,
    flowMlPerH: (fromMs < motorStopsMs ? driveMlPerH : 0) + (fromMs < releaseEndsMs ? RELEASE_ML_PER_H : 0),
  });
  const changesMs = [motorStopsMs, releaseEndsMs].filter((atMs) => atMs > sinceMs && atMs < untilMs);
  return [sinceMs, ...changesMs.sort((a, b) => a - b)].map(flowFrom);
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
