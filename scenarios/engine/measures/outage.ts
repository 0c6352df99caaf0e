import type { ExpectationOf } from '../../format/measures.ts';
import { offlineMs } from '../consequences.ts';
import type { Observation } from '../observation.ts';
import { type Finding, forEachPump } from './finding.ts';

export function evaluateOutOfTouch(
  { pumps, atLeastMinutes, atMostMinutes }: ExpectationOf<'out-of-touch'>,
  observation: Observation,
): Finding {
  const bounds = [
    ...(atLeastMinutes === undefined ? [] : [`at least ${atLeastMinutes}`]),
    ...(atMostMinutes === undefined ? [] : [`at most ${atMostMinutes}`]),
  ];
  return forEachPump(pumps, observation, `${bounds.join(' and ')} min out of touch`, (pump) => {
    const minutes = offlineMs(pump, observation.endMs) / 60_000;
    return {
      actual: `${Number(minutes.toFixed(2))} min`,
      held: minutes >= (atLeastMinutes ?? 0) && minutes <= (atMostMinutes ?? Number.POSITIVE_INFINITY),
    };
  });
}
