import { parseTopic } from '../../../protocol/index.ts';
import { durationMs } from '../../format/duration.ts';
import type { ExpectationOf } from '../../format/measures.ts';
import { type AlarmEpisode, alarmEpisodes } from '../alarm-account.ts';
import type { Observation } from '../observation.ts';
import { countHolds, countText, type Finding, forEachPump } from './finding.ts';

/** Patients of whom the adversary's connections received something that names them. */
export function evaluateRecordsRead(
  { connection, fields, count }: ExpectationOf<'records-read'>,
  observation: Observation,
): Finding {
  const persons = new Set(
    observation.received
      .filter((message) => connection === undefined || message.connection === connection)
      .flatMap(({ found }) => found ?? [])
      .filter(({ field }) => fields === undefined || fields.includes(field))
      .map(({ person }) => person),
  );
  const what = fields === undefined ? 'patients' : `patients by ${fields.join(' or ')}`;
  return {
    expected: `${countText(count, what)} read${connection === undefined ? '' : ` on connection ${connection}`}`,
    actual: String(persons.size),
    held: countHolds(persons.size, count),
  };
}

export function evaluateAlarmsMissed(
  expectation: ExpectationOf<'alarms-missed'>,
  observation: Observation,
): Finding {
  return countEpisodes(expectation, observation, 'missed', ({ knownAtMs }) => knownAtMs === null);
}

export function evaluateAlarmsLate(
  expectation: ExpectationOf<'alarms-late'>,
  observation: Observation,
): Finding {
  const afterMs = durationMs(expectation.after);
  return countEpisodes(
    expectation,
    observation,
    `known only ${expectation.after} after they began, or later`,
    ({ knownAtMs, raisedAtMs }) => knownAtMs !== null && knownAtMs - raisedAtMs >= afterMs,
  );
}

function countEpisodes(
  { pumps, alarm, priority, count }: ExpectationOf<'alarms-missed' | 'alarms-late'>,
  observation: Observation,
  what: string,
  counts: (episode: AlarmEpisode) => boolean,
): Finding {
  const episodes = alarmEpisodes(observation).filter(
    (one) =>
      (alarm === undefined || one.alarm === alarm) && (priority === undefined || one.priority === priority),
  );
  const kind = [priority, alarm, 'alarms'].filter((word) => word !== undefined).join(' ');
  return forEachPump(pumps, observation, `${countText(count, kind)} ${what}`, ({ serial }) => {
    const own = episodes.filter((episode) => episode.serial === serial);
    const found = own.filter(counts).length;
    return { actual: `${found} of ${own.length}`, held: countHolds(found, count) };
  });
}

export function evaluateRecordsAltered(
  { pumps, by, topic, count }: ExpectationOf<'records-altered'>,
  observation: Observation,
): Finding {
  const what = [topic, 'messages that no pump said, believed', ...(by === undefined ? [] : [`by ${by}`])];
  const expected = countText(count, what.filter((word) => word !== undefined).join(' '));
  return forEachPump(pumps, observation, expected, ({ serial }) => {
    const found = observation.believedForgeries.filter((one) => {
      const parsed = parseTopic(one.topic);
      return (
        parsed?.kind === 'pump' &&
        parsed.serial === serial &&
        (topic === undefined || parsed.topic === topic) &&
        (by === undefined || one.by === by)
      );
    }).length;
    return { actual: String(found), held: countHolds(found, count) };
  });
}

export function evaluateEvidenceLost(
  { count }: ExpectationOf<'evidence-lost'>,
  { evidenceLog }: Observation,
): Finding {
  const { lostLines, noticed } = evidenceLog;
  const unnoticed = noticed ? 0 : lostLines;
  return {
    expected: countText(count, 'lines of evidence lost unnoticed'),
    actual: noticed && lostLines > 0 ? `0; the loss of ${lostLines} is noticed` : String(unnoticed),
    held: countHolds(unnoticed, count),
  };
}
