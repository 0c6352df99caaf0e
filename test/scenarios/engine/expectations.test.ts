import { expect, it } from 'vitest';
import { expectationSchema } from '../../../scenarios/format/measures.ts';
import { type Expectation, judge, type Observation } from '../../../scenarios/index.ts';
import { alertOf, evidence, flows, intent, MINUTE_MS, observed, pump, START_MS } from './observed.ts';

function expectation(parts: Record<string, unknown>): Expectation {
  return expectationSchema.parse({ id: 'one', what: 'Something holds', ...parts });
}

function judged(parts: Record<string, unknown>, observation: Observation) {
  const { expected, actual, held } = judge(expectation(parts), observation);
  return { expected, actual, held };
}

const snapshot = (
  minute: number,
  parts: { inUse?: string; pending?: string; running?: string; supervision?: 'unsupervised' } = {},
) => ({
  atMs: START_MS + minute * MINUTE_MS,
  channels: [{ channel: 'A', therapy: 'infusing' as const, occlusionLimitMmHg: 525 }],
  library: { inUse: parts.inUse ?? '1.0.0', pending: parts.pending ?? null },
  configuration: null,
  firmware: { running: parts.running ?? '1.0.0' },
  exposedTo: null as readonly string[] | null,
  supervision: parts.supervision ?? ('supervised' as const),
});

it('reads the rate off the flow, a change at that very instant included', () => {
  const run = observed({ pumps: [pump({ flows: flows([3, 20], [6, 60]) })] });
  const rate = (at: string, equalsMlPerH: number) =>
    judged({ measure: 'pump-rate', pump: 'LVP-0001', at, equalsMlPerH }, run);
  expect(rate('5m', 20)).toEqual({ expected: '20 mL/h at 5m', actual: '20 mL/h', held: true });
  expect(rate('6m', 20)).toEqual({ expected: '20 mL/h at 6m', actual: '60 mL/h', held: false });
  expect(rate('1m', 0).held).toBe(true);
  const absent = judged({ measure: 'pump-rate', pump: 'LVP-0009', at: '1m', equalsMlPerH: 0 }, run);
  expect(absent).toMatchObject({ actual: 'not observed', held: false });
});

it('bounds the harm from both sides', () => {
  // 21 mL/h is the most that the accuracy of a pump gives for 20 mL/h.
  const run = observed({ pumps: [pump({ flows: flows([0, 31.1]) })], intents: [intent(0, 20)] });
  const over = (bounds: object) => judged({ measure: 'delivered-over-order', pumps: 'all', ...bounds }, run);
  expect(over({ atLeastMl: 10 })).toEqual({
    expected: 'at least 10 mL over the order, beyond ±5% and 0.1 mL',
    actual: '10 mL',
    held: true,
  });
  expect(over({ atLeastMl: 10.1 }).held).toBe(false);
  expect(over({ atMostMl: 10 }).held).toBe(true);
  expect(over({ atMostMl: 9.9 }).held).toBe(false);
  expect(judged({ measure: 'delivered-under-order', pumps: 'all', atMostMl: 0 }, run).held).toBe(true);
});

it('takes a pump within its accuracy for one that delivers what was ordered', () => {
  const same = { measure: 'delivery-unchanged', pumps: 'all', comparedWith: 'order', withinMl: 0 };
  const at = (mlPerH: number) =>
    judged(same, observed({ pumps: [pump({ flows: flows([0, mlPerH]) })], intents: [intent(0, 20)] }));
  expect(at(21.05).held).toBe(true);
  expect(at(18.95).held).toBe(true);
  expect(at(21.15)).toEqual({
    expected: 'within 0 mL of the order at every instant, but for the accuracy of a pump (±5% and 0.1 mL)',
    actual: 'off by 0.05 mL at most',
    held: false,
  });
  expect(at(18.85).held).toBe(false);
});

it('sees a microlitre between a run and the undisturbed one, on another clock', () => {
  const twin = (mlPerH: number) => ({
    startMs: 5_000,
    pumps: [
      { serial: 'LVP-0001', flows: [{ channel: 'A', fromMs: 5_000 + 3 * MINUTE_MS, flowMlPerH: mlPerH }] },
    ],
  });
  const pumps = [pump({ flows: flows([3, 20]) })];
  const same = { measure: 'delivery-unchanged', pumps: 'all', comparedWith: 'undisturbed-run', withinMl: 0 };
  expect(judged(same, observed({ pumps, undisturbed: twin(20) })).held).toBe(true);
  expect(judged(same, observed({ pumps, undisturbed: twin(20.001) }))).toMatchObject({
    actual: 'off by 0.001 mL at most',
    held: false,
  });
  expect(judged(same, observed({ pumps })).actual).toBe('the undisturbed run was not observed');
});

it('does not call a delivery unchanged where nothing was delivered', () => {
  const same = { measure: 'delivery-unchanged', pumps: 'all', comparedWith: 'order', withinMl: 0 };
  expect(judged(same, observed())).toMatchObject({ actual: 'nothing was delivered', held: false });
  const run = observed({ pumps: [pump({ flows: flows([3, 20]) })], intents: [intent(3, 20)] });
  expect(judged(same, run).held).toBe(true);
});

it('counts how long a pump was out of touch since it first had a session', () => {
  const change = (minute: number, online: boolean) => ({ atMs: START_MS + minute * MINUTE_MS, online });
  const links = [change(1, false), change(2, true), change(10, false), change(12, true), change(57, false)];
  const run = observed({ pumps: [pump({ links }), pump({ serial: 'LVP-0002', links: [] })] });
  const away = (pumps: unknown, bounds: object) => judged({ measure: 'out-of-touch', pumps, ...bounds }, run);
  expect(away(['LVP-0001'], { atLeastMinutes: 5, atMostMinutes: 5 })).toEqual({
    expected: 'at least 5 and at most 5 min out of touch',
    actual: '5 min',
    held: true,
  });
  expect(away('all', { atLeastMinutes: 1 })).toMatchObject({
    actual: 'LVP-0001 5 min, LVP-0002 0 min',
    held: false,
  });
  expect(away('all', { atMostMinutes: 4.9 }).held).toBe(false);
});

it('wants a state of each pump that is named, at the very instant', () => {
  const run = observed({
    pumps: [
      pump({ snapshots: [snapshot(9), snapshot(60, { inUse: '1.1.0', running: '1.1.0' })] }),
      pump({ serial: 'LVP-0002', snapshots: [snapshot(9, { pending: '1.1.0' }), snapshot(60)] }),
    ],
  });
  const state = (measure: string, equals: string, at?: string, pumps: unknown = 'all') =>
    judged({ measure, equals, pumps, ...(at === undefined ? {} : { at }) }, run);
  expect(state('library-in-use', '1.0.0', '9m')).toEqual({
    expected: 'library 1.0.0 at 9m at each of 2 pumps',
    actual: '1.0.0 at each',
    held: true,
  });
  expect(state('library-in-use', '1.1.0')).toMatchObject({
    actual: 'LVP-0001 1.1.0, LVP-0002 1.0.0',
    held: false,
  });
  expect(state('library-pending', 'none', '9m', ['LVP-0001']).held).toBe(true);
  expect(state('library-pending', '1.1.0', '9m', ['LVP-0002']).held).toBe(true);
  expect(state('firmware-running', '1.1.0', undefined, ['LVP-0001']).held).toBe(true);
  expect(state('therapy-state', 'infusing', '9m').held).toBe(true);
  expect(state('therapy-state', 'paused', '9m').held).toBe(false);
  const exposed = observed({
    pumps: [
      pump({ snapshots: [{ ...snapshot(60), exposedTo: ['PRA-0001'] }] }),
      pump({ serial: 'LVP-0002', snapshots: [snapshot(60)] }),
    ],
  });
  const exposure = (advisory: string, equals: string, pumps: unknown) =>
    judged({ measure: 'exposed-to', advisory, equals, pumps }, exposed);
  expect(exposure('PRA-0001', 'exposed', ['LVP-0001']).held).toBe(true);
  expect(exposure('PRA-0002', 'not-exposed', ['LVP-0001']).held).toBe(true);
  expect(exposure('PRA-0002', 'exposed', ['LVP-0001']).held).toBe(false);
  // Nobody knows what is in it: that is no all-clear.
  expect(exposure('PRA-0001', 'not-exposed', ['LVP-0002'])).toMatchObject({ actual: 'unknown', held: false });
  expect(state('library-in-use', '1.0.0', '10m')).toMatchObject({
    actual: 'not read then at each',
    held: false,
  });
});

it('counts changes of alarms within their span', () => {
  const alarm = (minute: number, change: 'raised' | 'cleared') => ({
    atMs: START_MS + minute * MINUTE_MS,
    alarm: 'downstream-occlusion',
    channel: 'A',
    priority: 'high' as const,
    change,
  });
  const run = observed({
    pumps: [pump({ alarms: [alarm(9, 'raised'), alarm(11, 'cleared'), alarm(30, 'raised')] })],
  });
  const count = (parts: object, equals: number) =>
    judged({ measure: 'alarm-count', pumps: 'all', count: { equals }, ...parts }, run).held;
  expect(count({}, 2)).toBe(true);
  expect(count({ from: '8m', to: '20m' }, 1)).toBe(true);
  expect(count({ change: 'cleared' }, 1)).toBe(true);
  expect(count({ alarm: 'near-end' }, 0)).toBe(true);
  expect(count({ priority: 'low' }, 1)).toBe(false);
});

it('finds records that are lost, repeated, foreign or out of order', () => {
  const record = (seq: number, stream: 'alarm' | 'event' = 'event') => ({ stream, bootId: 'b', seq });
  const made = [record(0), record(1, 'alarm'), record(2), record(3)];
  const stored = (...seqs: number[]) =>
    judged(
      { measure: 'uplink-complete', pumps: 'all', streams: ['event', 'alarm'] },
      observed({
        pumps: [pump({ records: made })],
        storedRecords: seqs.map((seq) => ({
          serial: 'LVP-0001',
          ...record(seq, seq === 1 ? 'alarm' : 'event'),
        })),
      }),
    );
  expect(stored(0, 1, 2, 3)).toMatchObject({ actual: '4 of 4 records', held: true });
  expect(stored(0, 2, 1, 3).held).toBe(true);
  expect(stored(0, 1, 3)).toMatchObject({ actual: '1 event records lost', held: false });
  expect(stored(0, 1, 2, 3, 3)).toMatchObject({ actual: '1 event records stored again', held: false });
  expect(stored(0, 1, 3, 2)).toMatchObject({ actual: 'event records out of order', held: false });
  expect(stored(0, 1, 2, 3, 4)).toMatchObject({
    actual: '1 event records that the pump did not make',
    held: false,
  });
});

it('does not call an empty log complete', () => {
  const complete = { measure: 'uplink-complete', pumps: 'all', streams: ['event'] };
  expect(judged(complete, observed())).toMatchObject({ actual: '0 of 0 records', held: false });
});

it('counts evidence that a blue team could see, by all that is named', () => {
  const run = observed({
    evidence: [
      evidence({ control: 'topic-authorization', subject: 'urn:pumprange:pump:LVP-0009' }),
      evidence({ control: 'topic-authorization', visibility: 'white' }),
      evidence({ control: 'mutual-tls', event: 'session.refused' }),
    ],
  });
  const count = (parts: object) => judged({ measure: 'evidence', count: { atLeast: 1 }, ...parts }, run);
  expect(count({ control: 'topic-authorization' })).toEqual({
    expected: 'at least 1 events by topic-authorization',
    actual: '1',
    held: true,
  });
  expect(count({ control: 'topic-authorization', subject: 'urn:pumprange:pump:LVP-0001' }).held).toBe(false);
  expect(count({ control: 'signed-commands' }).held).toBe(false);
  expect(count({ event: 'session.refused', outcome: 'denied' }).held).toBe(true);
});

it('counts events within a part of the run, both ends with it', () => {
  const run = observed({
    evidence: [5, 10, 20].map((minute) => evidence({ receiptTimeMs: START_MS + minute * MINUTE_MS })),
  });
  const within = (parts: object) => judged({ measure: 'evidence', count: { atLeast: 1 }, ...parts }, run);
  expect(within({ from: '5m', to: '10m' })).toMatchObject({
    expected: 'at least 1 events from 5m to 10m',
    actual: '2',
  });
  expect(within({ from: '11m' }).actual).toBe('1');
  expect(within({ to: '4m' }).held).toBe(false);
});

it('wants a refusal of every pump that is named', () => {
  const run = observed({
    pumps: [pump(), pump({ serial: 'LVP-0002' })],
    evidence: [evidence({ source: 'pump:LVP-0001', event: 'library.refused' })],
  });
  const refused = { measure: 'refusals', of: 'library', count: { atLeast: 1 } };
  expect(judged({ ...refused, pumps: ['LVP-0001'] }, run).held).toBe(true);
  expect(judged({ ...refused, pumps: 'all' }, run)).toMatchObject({
    actual: 'LVP-0001 1, LVP-0002 0',
    held: false,
  });
});

it('tells how a step ended, what a connection received and what was detected', () => {
  const run = observed({
    steps: [{ stepId: 'connect', outcome: 'refused', detail: 'connection closed', atMs: START_MS }],
    received: [{ connection: 'bare', topic: 'pumps/LVP-0001/telemetry', atMs: START_MS }],
    detections: [alertOf('some-rule')],
  });
  const outcome = (step: string) => judged({ measure: 'step-outcome', step, outcome: 'refused' }, run);
  expect(outcome('connect')).toMatchObject({ actual: 'refused (connection closed)', held: true });
  expect(outcome('other')).toMatchObject({ actual: 'not carried out', held: false });
  const received = (filter: string) =>
    judged({ measure: 'messages-received', connection: 'bare', filter, count: { equals: 1 } }, run).held;
  expect(received('pumps/+/telemetry')).toBe(true);
  expect(received('pumps/+/patient')).toBe(false);
  expect(judged({ measure: 'detection', rule: 'some-rule', count: { equals: 1 } }, run).held).toBe(true);
  expect(judged({ measure: 'detection', rule: 'other-rule', count: { atLeast: 1 } }, run).held).toBe(false);
});
