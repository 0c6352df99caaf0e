import { isAlarming } from '../../../protocol/index.ts';
import { durationMs } from '../../format/duration.ts';
import type { ExpectationOf } from '../../format/measures.ts';
import type { Observation } from '../observation.ts';
import { countHolds, countText, type Finding, forEachPump } from './finding.ts';

/** What pumps refused. It counts the event whoever could see it: it is about the pump, not about the audit. */
export function evaluateRefusals(
  { pumps, of, count }: ExpectationOf<'refusals'>,
  observation: Observation,
): Finding {
  return forEachPump(pumps, observation, countText(count, `${of} refused`), ({ serial }) => {
    const found = observation.evidence.filter(
      ({ source, event, outcome }) =>
        source === `pump:${serial}` && event === `${of}.refused` && outcome === 'denied',
    ).length;
    return { actual: String(found), held: countHolds(found, count) };
  });
}

/** What stands in the evidence for a blue team to see. */
export function evaluateEvidence(expectation: ExpectationOf<'evidence'>, observation: Observation): Finding {
  const { event, outcome, control, source, subject, object, from, to, count } = expectation;
  const { startMs } = observation;
  const fromMs = from === undefined ? startMs : startMs + durationMs(from);
  const toMs = to === undefined ? Number.POSITIVE_INFINITY : startMs + durationMs(to);
  const visible = observation.evidence.filter(({ visibility }) => visibility === 'blue');
  const found = visible.filter(
    (one) =>
      one.receiptTimeMs >= fromMs &&
      one.receiptTimeMs <= toMs &&
      (event === undefined || one.event === event) &&
      (outcome === undefined || one.outcome === outcome) &&
      (control === undefined || one.control === control) &&
      (source === undefined || one.source === source) &&
      (subject === undefined || one.subject === subject) &&
      (object === undefined || one.object === object),
  ).length;
  const kind = [
    event ?? 'events',
    ...(outcome === undefined ? [] : [outcome]),
    ...(control === undefined ? [] : [`by ${control}`]),
    ...(source === undefined ? [] : [`from ${source}`]),
    ...(subject === undefined ? [] : [`about ${subject}`]),
    ...(object === undefined ? [] : [`on ${object}`]),
    ...(from === undefined && to === undefined ? [] : [`from ${from ?? 'the start'} to ${to ?? 'the end'}`]),
  ].join(' ');
  return { expected: countText(count, kind), actual: String(found), held: countHolds(found, count) };
}

export function evaluateDetection(
  { rule, count }: ExpectationOf<'detection'>,
  observation: Observation,
): Finding {
  const found = observation.detections.filter((detection) => detection.rule === rule).length;
  return {
    expected: countText(count, `alerts of ${rule}`),
    actual: String(found),
    held: countHolds(found, count),
  };
}

export function evaluateNoFalseAlerts(observation: Observation): Finding {
  const alerts = observation.detections.filter(({ level }) => isAlarming(level));
  const rules = [...new Set(alerts.map(({ rule }) => rule))].sort();
  return {
    expected: 'no alert',
    actual: rules.length === 0 ? 'none' : `${alerts.length} of ${rules.join(', ')}`,
    held: rules.length === 0,
  };
}
