import { expect, test } from 'vitest';
import { loadExercise, runScenarios } from '../../testbed/index.ts';

const STARTS_MS = Date.UTC(2026, 0, 5);
const exercise = loadExercise();

test.each([
  ['pump-revoked', 4],
  ['revocation-source-outage', 5],
  ['time-server-outage', 3],
  ['ca-outage', 2],
  ['ca-rollover', 3],
  ['pump-off-past-expiry', 2],
])('%s holds under each of its postures', { timeout: 120_000 }, async (id, postures) => {
  const { report } = await runScenarios(exercise, { what: [id], posture: 'all', startMs: STARTS_MS });
  expect(report.runs).toHaveLength(postures);
  for (const { posture, expectations } of report.runs) {
    expect([posture, expectations.filter(({ held }) => !held)]).toEqual([posture, []]);
  }
});

test('a floor that asks over HTTP gives the same transcript again', { timeout: 120_000 }, async () => {
  const run = () =>
    runScenarios(exercise, {
      what: ['revocation-source-outage'],
      posture: 'ocsp-fail-closed',
      startMs: STARTS_MS,
    });
  const [first, second] = [await run(), await run()];
  expect(second.transcripts).toEqual(first.transcripts);
});
