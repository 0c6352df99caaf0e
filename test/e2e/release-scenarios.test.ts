import { expect, test } from 'vitest';
import { loadExercise, runScenarios } from '../../testbed/index.ts';

const STARTS_MS = Date.UTC(2026, 0, 5);
const SHIPPED = ['flat-legacy', 'mutual-tls-only', 'sp1800-8', 'layered'];
const exercise = loadExercise();

const ids = exercise.scenarios
  .filter(({ family }) => ['configuration', 'patching'].includes(family))
  .map(({ id }) => id);

test.each(ids)('%s holds under each shipped posture', { timeout: 120_000 }, async (id) => {
  const { report } = await runScenarios(exercise, { what: [id], posture: 'all', startMs: STARTS_MS });
  expect(report.runs.map(({ posture }) => posture)).toEqual(expect.arrayContaining(SHIPPED));
  for (const { posture, expectations } of report.runs) {
    const failed = expectations.filter(({ held }) => !held).map((one) => one.id);
    expect([posture, failed]).toEqual([posture, []]);
    // More than that nothing happens.
    expect([posture, expectations.length > 3]).toEqual([posture, true]);
  }
});
