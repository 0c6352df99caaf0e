import { describe, expect, test } from 'vitest';
import { alarmEpisodes } from '../../../scenarios/engine/alarm-account.ts';
import { consequencesOf } from '../../../scenarios/engine/consequences.ts';
import { type Expectation, judge, type Observation } from '../../../scenarios/index.ts';
import { flows, intent, MINUTE_MS, observed, pump, START_MS } from './observed.ts';

const at = (minute: number): number => START_MS + minute * MINUTE_MS;
const alarm = (minute: number, change: 'raised' | 'cleared', name = 'air-in-line') =>
  ({ atMs: at(minute), alarm: name, channel: 'A', priority: 'high', change }) as const;
const board = (minute: number, change: 'shown' | 'withdrawn', name = 'air-in-line') =>
  ({ atMs: at(minute), serial: 'LVP-0001', alarm: name, channel: 'A', change }) as const;
const notice = (minute: number) => ({ atMs: at(minute), serial: 'LVP-0001' });

function withAlarm(station: Partial<Observation['station']>): Observation {
  return observed({
    pumps: [pump({ alarms: [alarm(10, 'raised'), alarm(20, 'cleared')] })],
    station: { board: [], notices: [], ...station },
  });
}

function holds(expectation: Record<string, unknown>, observation: Observation): boolean {
  return judge({ id: 'x', what: 'x', ...expectation } as Expectation, observation).held;
}

describe('an alarm is known', () => {
  const knownAt = (observation: Observation) => {
    const [episode] = alarmEpisodes(observation);
    return episode?.knownAtMs === null ? null : ((episode?.knownAtMs ?? 0) - START_MS) / MINUTE_MS;
  };
  test.each([
    ['when the board shows it', withAlarm({ board: [board(10, 'shown'), board(20, 'withdrawn')] }), 10],
    ['late, when the board shows it late', withAlarm({ board: [board(15, 'shown')] }), 15],
    ['never, without either', withAlarm({}), null],
    ['never, if another is shown', withAlarm({ board: [board(10, 'shown', 'door-open')] }), null],
    [
      'never, if it is withdrawn at once',
      withAlarm({ board: [board(10, 'shown'), board(10.1, 'withdrawn')] }),
      null,
    ],
    ['never, if it is shown when it is over', withAlarm({ board: [board(21, 'shown')] }), null],
    ['when somebody is sent', withAlarm({ notices: [notice(12)] }), 12],
    ['at once, if somebody was sent before', withAlarm({ notices: [notice(3)] }), 10],
    ['never, if somebody is sent when it is over', withAlarm({ notices: [notice(30)] }), null],
  ])('%s', (_, observation, minute) => {
    expect(knownAt(observation)).toBe(minute);
  });

  test('by the measures', () => {
    const missed = { measure: 'alarms-missed', pumps: 'all', count: { equals: 1 } };
    const late = { measure: 'alarms-late', pumps: 'all', after: '2m', count: { equals: 1 } };
    expect(holds(missed, withAlarm({}))).toBe(true);
    expect(holds({ ...missed, alarm: 'door-open' }, withAlarm({}))).toBe(false);
    expect(holds(missed, withAlarm({ notices: [notice(12)] }))).toBe(false);
    expect(holds(late, withAlarm({ notices: [notice(12)] }))).toBe(true);
    expect(holds(late, withAlarm({ notices: [notice(11)] }))).toBe(false);
    expect(holds(late, withAlarm({}))).toBe(false);
  });
});

test('records read are counted by person, field and topic', () => {
  const received = (topic: string, ...found: string[]) => ({
    connection: 'harvest',
    topic,
    atMs: START_MS,
    found: found.map((one) => {
      const [person = '', field] = one.split(' ');
      return { person, field: field as 'name' };
    }),
  });
  const observation = observed({
    received: [
      received('pumps/a/patient', 'a/1 name', 'a/1 bed'),
      received('pumps/a/telemetry', 'a/1 name'),
      received('pumps/b/patient', 'b/1 bed'),
      received('pumps/b/alarm'),
    ],
  });
  expect(consequencesOf(observation).recordsRead).toEqual({ persons: 2, fields: 3, topics: 3 });
  const read = { measure: 'records-read', count: { equals: 1 }, fields: ['name'] };
  expect(holds(read, observation)).toBe(true);
  expect(holds({ ...read, connection: 'other' }, observation)).toBe(false);
});

test('forgeries that were believed, and evidence that was lost', () => {
  const forgery = { atMs: START_MS, by: 'nurse-station', topic: 'pumps/LVP-0001/telemetry' };
  const observation = observed({
    believedForgeries: [forgery],
    evidenceLog: { lostLines: 7, noticed: false },
  });
  const altered = { measure: 'records-altered', pumps: ['LVP-0001'], count: { equals: 1 } };
  expect(holds(altered, observation)).toBe(true);
  expect(holds({ ...altered, by: 'pump-server' }, observation)).toBe(false);
  expect(holds({ ...altered, topic: 'alarm' }, observation)).toBe(false);
  const lost = { measure: 'evidence-lost', count: { equals: 7 } };
  expect(holds(lost, observation)).toBe(true);
  expect(holds(lost, observed({ evidenceLog: { lostLines: 7, noticed: true } }))).toBe(false);
});

test('minutes out of touch count from the first time in touch, to the end of the run', () => {
  const links = [
    { atMs: at(0), online: false },
    { atMs: at(5), online: true },
    { atMs: at(10), online: false },
    { atMs: at(12), online: true },
    { atMs: at(50), online: false },
  ];
  expect(consequencesOf(observed({ pumps: [pump({ links })] })).offlinePumpMinutes).toBe(12);
});

test('minutes without flow that was ordered, and minutes above the hard limit', () => {
  const observation = observed({
    pumps: [
      pump({ flows: flows([1, 20], [11, 0], [16, 20], [20, 0], [20.1, 20], [30, 120], [34, 20], [40, 0]) }),
    ],
    intents: [intent(1, 20), intent(40, 0)],
    hardLimits: [{ serial: 'LVP-0001', channel: 'A', drug: 'heparin', mlPerH: 100 }],
  });
  expect(consequencesOf(observation)).toMatchObject({
    interruptedTherapyMinutes: 5,
    minutesAboveHardLimit: 4,
    bedsideVisits: 0,
  });
});

test('somebody goes to a pump for each alarm that is not of low priority, and for each notice', () => {
  const observation = observed({
    pumps: [
      pump({ alarms: [alarm(1, 'raised'), { ...alarm(2, 'raised', 'battery-low'), priority: 'low' }] }),
    ],
    station: { board: [], notices: [notice(3), notice(9)] },
  });
  expect(consequencesOf(observation).bedsideVisits).toBe(3);
});
