import { durationMs } from '../../format/duration.ts';
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

export function evaluateAlarmLimit(
  { pumps, channel, equalsMmHg, at }: ExpectationOf<'alarm-limit'>,
  observation: Observation,
): Finding {
  const atMs = at === undefined ? observation.endMs : observation.startMs + durationMs(at);
  const expected = `occlusion limit ${equalsMmHg} mmHg ${at === undefined ? 'at the end' : `at ${at}`}`;
  return forEachPump(pumps, observation, expected, ({ snapshots, channels }) => {
    const snapshot = snapshots.find((one) => one.atMs === atMs);
    const found = snapshot?.channels.find((one) => one.channel === (channel ?? channels[0]));
    if (found === undefined) return { actual: 'not read then', held: false };
    return { actual: `${found.occlusionLimitMmHg} mmHg`, held: found.occlusionLimitMmHg === equalsMmHg };
  });
}
