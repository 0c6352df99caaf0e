import { expect, test } from 'vitest';
import type { Layer } from '../../protocol/index.ts';
import { loadExercise, runScenarios } from '../../testbed/index.ts';

const exercise = loadExercise();

/** What an attack comes to with all controls but those of a failure domain, and what happened as it is told. */
async function withLost(id: string, domain: Layer) {
  const { report, transcripts } = await runScenarios(exercise, {
    what: [id],
    posture: 'layered',
    cell: { cell: 'lost', domain },
  });
  const run = report.runs[0];
  if (run?.attack === undefined) throw new Error(`${id} is no attack`);
  return { ...run.attack, detectedBy: run.detectedBy, transcript: transcripts[0]?.text ?? '' };
}

test('a broker in the hands of the adversary testifies to nothing and ends no session of a revoked certificate', async () => {
  const { transcript, detectedBy } = await withLost('spoofed-command', 'broker');
  expect(transcript).toContain('broker session.opened');
  expect(transcript).not.toMatch(/ broker \S+ \w+ \[blue\]/);
  expect(transcript).not.toContain('session.dropped');
  // What the pump itself has to say is heard.
  expect(detectedBy).toContain('therapy-changed-from-afar');
});

test('nobody is alerted where supervision is lost, though the attack is on it and it is on', async () => {
  expect(await withLost('worm-among-pumps', 'supervision')).toMatchObject({ detectedBy: [] });
});

test('an attack that reaches what it wants is not bounded by a bound that names no harm', async () => {
  expect(await withLost('topic-enumeration', 'broker')).toMatchObject({
    ...{ succeeded: true, withinBound: false, bounded: false, detectedAfterMs: null },
  });
});

test('a lost domain keeps what the attack is on, so that there is something to attack', async () => {
  const found = await withLost('tls-downgrade', 'transport');
  expect(found).toMatchObject({ succeeded: true, brokenSteps: [], harm: { recordsRead: 1 } });
});
