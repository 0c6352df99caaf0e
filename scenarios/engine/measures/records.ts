import { durationMs } from '../../format/duration.ts';
import type { ExpectationOf } from '../../format/measures.ts';
import type { Observation, UplinkRecord } from '../observation.ts';
import { countHolds, countText, type Finding, forEachPump } from './finding.ts';

export function evaluateAlarmCount(
  expectation: ExpectationOf<'alarm-count'>,
  observation: Observation,
): Finding {
  const { alarm, priority, change, from, to, count } = expectation;
  const fromMs = from === undefined ? observation.startMs : observation.startMs + durationMs(from);
  const toMs = to === undefined ? observation.endMs : observation.startMs + durationMs(to);
  const kind = [priority, alarm, 'alarm', change].filter((word) => word !== undefined).join(' ');
  const span =
    from === undefined && to === undefined ? '' : ` from ${from ?? 'the start'} to ${to ?? 'the end'}`;
  return forEachPump(expectation.pumps, observation, `${countText(count, kind)}${span}`, ({ alarms }) => {
    const found = alarms.filter(
      (one) =>
        one.change === change &&
        (alarm === undefined || one.alarm === alarm) &&
        (priority === undefined || one.priority === priority) &&
        one.atMs >= fromMs &&
        one.atMs <= toMs,
    ).length;
    return { actual: String(found), held: countHolds(found, count) };
  });
}

/**
 * Whether the store has what the pump made, stream by stream: the same records, in the same order, each once. A
 * message that MQTT repeated does no harm as long as it is not recorded again.
 */
export function evaluateUplinkComplete(
  { pumps, streams, atLeastRecords }: ExpectationOf<'uplink-complete'>,
  observation: Observation,
): Finding {
  const expected = `all ${streams.join(' and ')} records stored in order, each once`;
  return forEachPump(pumps, observation, expected, ({ serial, records }) => {
    const stored = observation.storedRecords.filter((record) => record.serial === serial);
    const faults = streams.flatMap((stream) =>
      streamFaults(
        stream,
        records.filter((record) => record.stream === stream).map(keyOf),
        stored.filter((record) => record.stream === stream).map(keyOf),
      ),
    );
    const made = records.filter(({ stream }) => streams.includes(stream)).length;
    if (faults.length > 0) return { actual: faults.join('; '), held: false };
    return { actual: `${made} of ${made} records`, held: made >= atLeastRecords };
  });
}

function streamFaults(stream: string, made: readonly string[], stored: readonly string[]): string[] {
  const once = [...new Set(stored)];
  const lost = made.filter((key) => !once.includes(key)).length;
  const foreign = once.filter((key) => !made.includes(key)).length;
  const expectedOrder = made.filter((key) => once.includes(key));
  const actualOrder = once.filter((key) => made.includes(key));
  const inOrder = expectedOrder.every((key, index) => key === actualOrder[index]);
  return [
    ...(lost > 0 ? [`${lost} ${stream} records lost`] : []),
    ...(stored.length > once.length ? [`${stored.length - once.length} ${stream} records stored again`] : []),
    ...(foreign > 0 ? [`${foreign} ${stream} records that the pump did not make`] : []),
    ...(inOrder ? [] : [`${stream} records out of order`]),
  ];
}

function keyOf({ bootId, seq }: UplinkRecord): string {
  return `${bootId}/${seq}`;
}
