import type { ExpectationOf } from '../../format/measures.ts';
import type { Observation } from '../observation.ts';
import { countHolds, countText, type Finding } from './finding.ts';

/** How many services answered somebody who had no business there. */
export function evaluateServicesReached(
  { assets, pumps, count }: ExpectationOf<'services-reached'>,
  { reached = [] }: Observation,
): Finding {
  const found = reached.filter(
    ({ asset, serial }) =>
      (assets === undefined || assets.includes(asset)) &&
      (pumps === undefined || pumps === 'all' || pumps.some((one) => one === serial)),
  );
  return {
    expected: countText(count, 'services reached'),
    actual: String(found.length),
    held: countHolds(found.length, count),
  };
}
