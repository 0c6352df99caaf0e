import {
  advance,
  type ChannelPhysics,
  drivableMl,
  flowMlPerH,
  type LineParameters,
  MS_PER_H,
  RELEASE_ML_PER_H,
} from './channel.ts';

/** A stretch of constant flow: it lasts until the next one begins. */
export interface FlowStretch {
  readonly fromMs: number;
  readonly flowMlPerH: number;
}

/** The flow into the patient from `physics.sinceMs` to `untilMs`, as stretches of constant flow. */
export function flowStretches(
  physics: ChannelPhysics,
  line: LineParameters,
  untilMs: number,
): readonly FlowStretch[] {
  const stretches = [{ fromMs: physics.sinceMs, flowMlPerH: flowMlPerH(physics, line) }];
  for (const knotMs of knots(physics, line)) {
    if (knotMs >= untilMs) break;
    // Read just behind the knot: at the knot itself a rounding error of the volume would decide.
    const behind = advance(physics, line, knotMs + 1e-3);
    stretches.push({ fromMs: knotMs, flowMlPerH: flowMlPerH(behind, line) });
  }
  return stretches;
}

/** When the flow changes of itself: the motor stops at its budget or an empty reservoir, a release ends. */
function knots(physics: ChannelPhysics, line: LineParameters): readonly number[] {
  if (physics.clamped) return [];
  const instants: number[] = [];
  if (physics.driveMlPerH > 0) {
    const stopMs = physics.sinceMs + (drivableMl(physics, line) / physics.driveMlPerH) * MS_PER_H;
    if (Number.isFinite(stopMs) && stopMs > physics.sinceMs) instants.push(stopMs);
  }
  if (physics.trappedMl > 0)
    instants.push(physics.sinceMs + (physics.trappedMl / RELEASE_ML_PER_H) * MS_PER_H);
  return instants.sort((a, b) => a - b);
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
