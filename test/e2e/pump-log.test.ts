import { describe, expect, test } from 'vitest';
import { loadExercise, runScenarios } from '../../testbed/index.ts';

const exercise = loadExercise();
const START_MS = Date.parse('2026-03-02T06:00:00Z');

describe.each(exercise.scenarios.map(({ id }) => id))('in the scenario %s', (id) => {
  test('the log of no pump has a gap, or is lost', async () => {
    const { transcripts } = await runScenarios(exercise, {
      what: [id],
      posture: 'layered',
      startMs: START_MS,
    });
    const told = transcripts.flatMap(({ text }) => text.match(/^.* log\.(?:gap|lost|conflict) .*$/gm) ?? []);
    expect(told).toEqual([]);
    expect(transcripts[0]?.text).toMatch(/session\.opened/);
  });
});
