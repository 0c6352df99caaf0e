import { expect, test } from 'vitest';
import { loadExercise, runScenarios } from '../../testbed/index.ts';
import { onEachBroker } from '../helpers/each-broker.ts';

const exercise = loadExercise();

/** What it is about is that a server forgets what pumps have been told is stored. */
const LOSES = ['server-restored-from-backup'];
/** A pump that is at the broker before the pump server is sends its first record again after 30 s; until then that is a gap. */
const FIRST_SENT_AGAIN_S = 31;

onEachBroker('the log of no pump has a gap, or is lost', (broker) => {
  // Certificates that run out in simulated time are for our own broker alone, and eight days take minutes on another.
  const taken = exercise.scenarios.filter(
    ({ id, enrolment }) =>
      !LOSES.includes(id) &&
      (broker === 'embedded' || (enrolment === undefined && id !== 'fleet-partly-offline')),
  );
  test.each(taken.map(({ id }) => id))('in the scenario %s', async (id) => {
    const { transcripts } = await runScenarios(exercise, { what: [id], posture: 'layered', broker });
    const text = transcripts[0]?.text ?? '';
    expect(text.match(/^.* log\.(?:lost|conflict) .*$/gm) ?? []).toEqual([]);
    // With our own broker the server is always there first; with another, nobody knows who is.
    const fromS = broker === 'embedded' ? 0 : FIRST_SENT_AGAIN_S;
    const gaps = [...text.matchAll(/^\+([\d:.]+) .* log\.gap .*$/gm)];
    expect(gaps.filter(([, offset]) => offset?.includes(':') || Number(offset) >= fromS)).toEqual([]);
    expect(text).toMatch(/session\.opened/);
  });
});
