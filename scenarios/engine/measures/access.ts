import { filterMatches } from '../../../protocol/index.ts';
import type { ExpectationOf } from '../../format/measures.ts';
import type { Observation } from '../observation.ts';
import { countHolds, countText, type Finding } from './finding.ts';

export function evaluateStepOutcome(
  { step, outcome }: ExpectationOf<'step-outcome'>,
  observation: Observation,
): Finding {
  const seen = observation.steps.find(({ stepId }) => stepId === step);
  return {
    expected: `step ${step} ${outcome}`,
    actual: seen === undefined ? 'not carried out' : `${seen.outcome} (${seen.detail})`,
    held: seen?.outcome === outcome,
  };
}

export function evaluateMessagesReceived(
  { connection, filter, count }: ExpectationOf<'messages-received'>,
  observation: Observation,
): Finding {
  const found = observation.received.filter(
    (message) =>
      message.connection === connection && (filter === undefined || filterMatches(filter, message.topic)),
  ).length;
  const what = filter === undefined ? 'messages' : `messages on ${filter}`;
  return {
    expected: `${countText(count, what)} on connection ${connection}`,
    actual: String(found),
    held: countHolds(found, count),
  };
}
