import { expect, it } from 'vitest';
import { type RunResult, runDetail, type Scenario } from '../../../scenarios/index.ts';
import { alertOf, flows, MINUTE_MS, observed, pump, START_MS } from '../engine/observed.ts';
import { sampleRun } from './sample-report.ts';

const RESULT: RunResult = sampleRun('x', 'X', 'all', { overMl: 0, recordsRead: 0 }).result;

/** Only its steps count here. */
const SCENARIO = {
  steps: [
    {
      id: 'in',
      team: 'red',
      actor: 'thief',
      trigger: { at: '2m' },
      action: { do: 'publish-command', connection: 'c', pump: 'LVP-0001', command: 'pause' },
    },
  ],
} as unknown as Scenario;

it('tells every time as an offset from the start', () => {
  const detail = runDetail({
    cell: { cell: 'all' },
    command: 'again',
    scenario: SCENARIO,
    result: RESULT,
    observation: observed({
      steps: [{ stepId: 'in', outcome: 'refused', detail: 'no', atMs: START_MS + 2 * MINUTE_MS }],
      pumps: [
        pump({
          flows: flows([1, 20], [3, 60]),
          alarms: [
            {
              atMs: START_MS + 90_000.4,
              alarm: 'occlusion',
              channel: 'A',
              priority: 'high',
              change: 'raised',
            },
          ],
        }),
      ],
      detections: [alertOf('rule', { atMs: START_MS + 5_000, sinceMs: START_MS + 1_000, subject: 'who' })],
    }),
  });
  expect(detail.steps).toEqual([
    {
      id: 'in',
      team: 'red',
      actor: 'thief',
      verb: 'publish-command',
      object: 'LVP-0001',
      outcome: 'refused',
      detail: 'no',
      atMs: 120_000,
    },
  ]);
  expect(detail.curves).toEqual([
    {
      serial: 'LVP-0001',
      channel: 'A',
      delivered: [
        [60_000, 20],
        [180_000, 60],
      ],
      ordered: [],
    },
  ]);
  expect(detail.alarms).toMatchObject([{ serial: 'LVP-0001', atMs: 90_000 }]);
  expect(detail.alerts).toEqual([
    { rule: 'rule', level: 'medium', subject: 'who', sinceMs: 1_000, atMs: 5_000 },
  ]);
});

it('names each topic once that the adversary received something of', () => {
  const received = ['b', 'a', 'b'].map((topic) => ({ connection: 'c', topic, atMs: START_MS }));
  const observation = observed({ received: received as never });
  const { reached, curves } = runDetail({
    cell: { cell: 'bare' },
    command: '',
    scenario: SCENARIO,
    result: RESULT,
    observation,
  });
  expect(reached).toEqual(['a', 'b']);
  // A channel on which nothing flowed and nothing was to flow is no curve.
  expect(curves).toEqual([]);
});
