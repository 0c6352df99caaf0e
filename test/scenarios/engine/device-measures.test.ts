import { expect, it } from 'vitest';
import { judge } from '../../../scenarios/engine/expectations.ts';
import { expectationSchema } from '../../../scenarios/format/measures.ts';
import { MINUTE_MS, observed, pump, START_MS } from './observed.ts';

const judged = (expectation: object, run: ReturnType<typeof observed>) =>
  judge(expectationSchema.parse({ id: 'x', what: 'x', ...expectation }), run);

it('reads the alarm limit of a channel at an instant', () => {
  const snapshot = (minute: number, occlusionLimitMmHg?: number) => ({
    atMs: START_MS + minute * MINUTE_MS,
    channels: [
      { channel: 'A', therapy: 'standby' as const, ...(occlusionLimitMmHg && { occlusionLimitMmHg }) },
    ],
    library: { inUse: null, pending: null },
    configuration: null,
    firmware: { running: '1.0.0' },
    exposedTo: null,
    supervision: 'supervised' as const,
  });
  const run = observed({ pumps: [pump({ snapshots: [snapshot(5, 100), snapshot(60, 525)] })] });
  const limit = (bounds: object) =>
    judged({ measure: 'occlusion-limit', pumps: ['LVP-0001'], ...bounds }, run);
  expect(limit({ atLeastMmHg: 500 })).toEqual({
    id: 'x',
    what: 'x',
    expected: 'occlusion limit at least 500 mmHg at the end',
    actual: '525 mmHg',
    held: true,
  });
  expect(limit({ atMostMmHg: 500 }).held).toBe(false);
  expect(limit({ atMostMmHg: 100, at: '5m' }).held).toBe(true);
  expect(limit({ atMostMmHg: 100, at: '6m' })).toMatchObject({ actual: 'not read then', held: false });
  expect(limit({ atMostMmHg: 525, channel: 'B' }).held).toBe(false);
});

it('counts secrets of the pumps and kinds that are named', () => {
  const run = observed({
    secrets: [
      { serial: 'LVP-0001', kind: 'private-key', atMs: START_MS },
      { serial: 'LVP-0001', kind: 'network-key', atMs: START_MS },
      { serial: 'LVP-0002', kind: 'private-key', atMs: START_MS },
    ],
  });
  const count = (equals: number, more: object = {}) =>
    judged({ measure: 'secrets-disclosed', pumps: 'all', count: { equals }, ...more }, run);
  expect(count(3)).toMatchObject({ actual: '3 (private-key, network-key)', held: true });
  expect(count(2, { kinds: ['private-key'] }).held).toBe(true);
  expect(count(1, { kinds: ['private-key'], pumps: ['LVP-0002'] }).held).toBe(true);
  expect(
    judged({ measure: 'secrets-disclosed', pumps: 'all', count: { equals: 0 } }, observed()),
  ).toMatchObject({
    actual: '0',
    held: true,
  });
});

it('counts records that were lost or altered at each pump', () => {
  const run = observed({ pumps: [pump({ log: { lost: 2, altered: 0 } })] });
  const records = (became: string, count: object) =>
    judged({ measure: 'log-records', pumps: ['LVP-0001'], became, count }, run);
  expect(records('lost', { equals: 2 }).held).toBe(true);
  expect(records('altered', { atLeast: 1 }).held).toBe(false);
  expect(
    judged({ measure: 'log-records', pumps: 'all', became: 'lost', count: { equals: 0 } }, observed()),
  ).toMatchObject({ actual: 'not looked at', held: false });
});
