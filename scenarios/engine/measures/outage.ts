import type { ExpectationOf } from '../../format/measures.ts';
import type { Observation } from '../observation.ts';
import { outOfTouchMs } from '../outages.ts';
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
    const minutes = outOfTouchMs(pump, observation) / 60_000;
    return {
      actual: `${Number(minutes.toFixed(2))} min`,
      held: minutes >= (atLeastMinutes ?? 0) && minutes <= (atMostMinutes ?? Number.POSITIVE_INFINITY),
    };
  });
}
