import type { ControlId, EvidenceEvent } from '../../protocol/index.ts';
import { type AttackOutcome, isBounded } from '../engine/attack-outcome.ts';
import type { JudgedExpectation } from '../engine/expectations.ts';
import { DELIVERY_TOLERANCE, harmOf } from '../engine/harm.ts';
import type { Observation } from '../engine/observation.ts';
import type { Attack, FirmwareState } from '../format/attack.ts';
import type { AttackResult, Harm } from './run-report.ts';

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

/** What is expected of an attack under a posture, as one expectation; none where its scenario does not say. */
export function judgedAttack(
  { expected }: Attack,
  outcome: AttackOutcome,
  postureId: string,
): readonly JudgedExpectation[] {
  const wanted = expected[postureId];
  if (wanted === undefined) return [];
  const bounded = isBounded(outcome);
  const actual = outcome.succeeded
    ? bounded
      ? 'it succeeds, within its bound'
      : 'it succeeds'
    : 'it does not succeed';
  return wanted === 'succeeds'
    ? [
        {
          id: 'attack-succeeds',
          what: 'The attack reaches what it is after',
          expected: 'it succeeds',
          actual,
          held: outcome.succeeded,
        },
      ]
    : [
        {
          id: 'attack-bounded',
          what: 'The attack does not reach what it is after, or what it does stays within its bound',
          expected: 'it is bounded',
          actual:
            bounded || outcome.succeeded ? actual : 'it does not succeed, and does harm beyond its bound',
          held: bounded,
        },
      ];
}

export function attackSummary(outcome: AttackOutcome, firmware: FirmwareState | undefined): AttackResult {
  const { succeeded, predicates, harm, withinBound, looseBounds, brokenSteps } = outcome;
  const { detectedAfterMs, containedAfterMs, contained } = outcome;
  return {
    ...(firmware && { firmware }),
    succeeded,
    bounded: isBounded(outcome),
    predicates: [...predicates],
    harm,
    withinBound,
    ...(looseBounds.length > 0 && { looseBounds: [...looseBounds] }),
    brokenSteps: [...brokenSteps],
    detectedAfterMs,
    containedAfterMs,
    contained,
  };
}
