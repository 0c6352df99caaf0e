import type { Intent } from '../../protocol/index.ts';

const MS_PER_H = 3_600_000;

/** From `fromMs` on, so much flows; ascending in time, 0 before the first. */
export interface Flow {
  readonly fromMs: number;
  readonly mlPerH: number;
}

/** What was to flow by the intents of one channel of one pump. Of several at one instant the last one counts. */
export function intendedFlow(intents: readonly Intent[]): readonly Flow[] {
  const ordered = [...intents].sort((a, b) => a.atMs - b.atMs);
  return ordered.flatMap((intent, index) => {
    const nextMs = ordered[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    const { atMs, rateMlPerH, volumeToBeInfusedMl, keepVeinOpenMlPerH } = intent;
    const flow: Flow[] = [{ fromMs: atMs, mlPerH: rateMlPerH }];
    if (volumeToBeInfusedMl !== undefined && rateMlPerH > 0) {
      const doneMs = atMs + (volumeToBeInfusedMl / rateMlPerH) * MS_PER_H;
      if (doneMs < nextMs) flow.push({ fromMs: doneMs, mlPerH: keepVeinOpenMlPerH ?? 0 });
    }
    return flow;
  });
}

/** What flows at an instant; a change at that very instant counts. */
export function flowAt(flow: readonly Flow[], atMs: number): number {
  return flow.findLast(({ fromMs }) => fromMs <= atMs)?.mlPerH ?? 0;
}

export function volumeMl(flow: readonly Flow[], fromMs: number, untilMs: number): number {
  return compareFlows(flow, [], fromMs, untilMs).differenceMl;
}

/** Milliseconds during which more flows than a rate. */
export function msAbove(flow: readonly Flow[], mlPerH: number, fromMs: number, untilMs: number): number {
  return stretches([flow], fromMs, untilMs)
    .filter(([startMs]) => flowAt(flow, startMs) > mlPerH)
    .reduce((sum, [startMs, endMs]) => sum + endMs - startMs, 0);
}

export interface FlowComparison {
  /** The most that `flow` was ever ahead of `other`, in mL; 0 if never. */
  readonly aheadMl: number;
  /** The most that it was ever behind, in mL; 0 if never. */
  readonly behindMl: number;
  /** Ahead (positive) or behind (negative) at the end. */
  readonly differenceMl: number;
}

/** How far a flow may be off another before it counts as ahead or behind. */
export interface Tolerance {
  /** Of the other flow's volume, either way. */
  readonly share: number;
  /** In mL, either way, however little the other flow has given. */
  readonly volumeMl: number;
}

const NO_TOLERANCE: Tolerance = { share: 0, volumeMl: 0 };

/**
 * Compares the volumes of two flows since `fromMs`. Both are piecewise linear, so the extremes of their difference lie
 * where one of them changes, or at the end. Equal rates give an exact 0. Within the tolerance nothing is ahead or behind,
 * beyond it only what lies beyond; `differenceMl` knows no tolerance.
 */
export function compareFlows(
  flow: readonly Flow[],
  other: readonly Flow[],
  fromMs: number,
  untilMs: number,
  tolerance: Tolerance = NO_TOLERANCE,
): FlowComparison {
  const { share } = tolerance;
  const allowed = tolerance.volumeMl * MS_PER_H;
  let difference = 0;
  let due = 0;
  let ahead = 0;
  let behind = 0;
  for (const [startMs, endMs] of stretches([flow, other], fromMs, untilMs)) {
    const dueMlPerH = flowAt(other, startMs);
    difference += (flowAt(flow, startMs) - dueMlPerH) * (endMs - startMs);
    due += dueMlPerH * (endMs - startMs);
    ahead = Math.max(ahead, difference - due * share - allowed);
    behind = Math.max(behind, -difference - due * share - allowed);
  }
  return { aheadMl: ahead / MS_PER_H, behindMl: behind / MS_PER_H, differenceMl: difference / MS_PER_H };
}

/** The time between two instants, cut wherever one of the flows changes. */
function stretches(flows: readonly (readonly Flow[])[], fromMs: number, untilMs: number): [number, number][] {
  const inside = flows
    .flat()
    .map((one) => one.fromMs)
    .filter((atMs) => atMs > fromMs && atMs < untilMs);
  const cuts = [...new Set([fromMs, ...inside, Math.max(fromMs, untilMs)])].sort((a, b) => a - b);
  return cuts.slice(1).map((endMs, index) => [cuts[index] ?? fromMs, endMs]);
}
