import type { ControlId, EvidenceEvent } from '../../protocol/index.ts';
import { DELIVERY_TOLERANCE, harmOf } from '../engine/harm.ts';
import type { Observation } from '../engine/observation.ts';
import type { Harm } from './run-report.ts';

/** Delivered against ordered, as a report gives it: worst channel first in the totals, to the nanolitre. */
export function harmSummary(observation: Pick<Observation, 'startMs' | 'endMs' | 'pumps' | 'intents'>): Harm {
  const channels = harmOf(observation).map(({ serial, channel, ...volumes }) => ({
    serial,
    channel,
    deliveredMl: nanolitres(volumes.deliveredMl),
    intendedMl: nanolitres(volumes.intendedMl),
    overMl: nanolitres(volumes.overMl),
    underMl: nanolitres(volumes.underMl),
  }));
  return {
    overMl: Math.max(0, ...channels.map(({ overMl }) => overMl)),
    underMl: Math.max(0, ...channels.map(({ underMl }) => underMl)),
    assumptions: { accuracyShare: DELIVERY_TOLERANCE.share, accuracyMl: DELIVERY_TOLERANCE.volumeMl },
    channels,
  };
}

/** The controls that denied something, in the order in which they first did. */
export function denyingControls(evidence: readonly EvidenceEvent[]): readonly ControlId[] {
  const controls = evidence.flatMap(({ outcome, control }) =>
    outcome === 'denied' && control !== null ? [control] : [],
  );
  return [...new Set(controls)];
}

/** Rounds off what is only noise of floating point, so that a report reads 0 where nothing was off. */
function nanolitres(volumeMl: number): number {
  return Math.round(volumeMl * 1e6) / 1e6;
}
