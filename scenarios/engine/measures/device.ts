import { durationMs } from '../../format/duration.ts';
import type { ExpectationOf } from '../../format/measures.ts';
import type { Observation } from '../observation.ts';
import { countHolds, countText, type Finding, forEachPump } from './finding.ts';

/** The alarm limit of a channel at an instant. A pump that was not read at that very instant does not hold. */
export function evaluateOcclusionLimit(
  { pumps, channel, atLeastMmHg, atMostMmHg, at }: ExpectationOf<'occlusion-limit'>,
  observation: Observation,
): Finding {
  const atMs = at === undefined ? observation.endMs : observation.startMs + durationMs(at);
  const bounds = [
    ...(atLeastMmHg === undefined ? [] : [`at least ${atLeastMmHg}`]),
    ...(atMostMmHg === undefined ? [] : [`at most ${atMostMmHg}`]),
  ].join(' and ');
  const expected = `occlusion limit ${bounds} mmHg ${at === undefined ? 'at the end' : `at ${at}`}`;
  return forEachPump(pumps, observation, expected, ({ snapshots, channels }) => {
    const wanted = channel ?? channels[0];
    const limit = snapshots
      .find((one) => one.atMs === atMs)
      ?.channels.find((one) => one.channel === wanted)?.occlusionLimitMmHg;
    if (limit === undefined) return { actual: 'not read then', held: false };
    return {
      actual: `${limit} mmHg`,
      held: limit >= (atLeastMmHg ?? 0) && limit <= (atMostMmHg ?? Number.POSITIVE_INFINITY),
    };
  });
}

/** How many secrets of these pumps somebody has who should not. */
export function evaluateSecretsDisclosed(
  { pumps, kinds, count }: ExpectationOf<'secrets-disclosed'>,
  { secrets = [] }: Observation,
): Finding {
  const found = secrets.filter(
    ({ serial, kind }) =>
      (pumps === 'all' || pumps.some((one) => one === serial)) &&
      (kinds === undefined || kinds.includes(kind)),
  );
  return {
    expected: countText(count, 'secrets disclosed'),
    actual:
      found.length === 0
        ? '0'
        : `${found.length} (${[...new Set(found.map(({ kind }) => kind))].join(', ')})`,
    held: countHolds(found.length, count),
  };
}

export function evaluateLogRecords(
  { pumps, became, count }: ExpectationOf<'log-records'>,
  observation: Observation,
): Finding {
  return forEachPump(pumps, observation, countText(count, `records ${became}`), ({ log }) => {
    if (log === undefined) return { actual: 'not looked at', held: false };
    return { actual: String(log[became]), held: countHolds(log[became], count) };
  });
}
