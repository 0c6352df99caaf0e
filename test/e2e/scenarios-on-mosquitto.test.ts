import { describe, expect, test } from 'vitest';
import { loadExercise, runScenarios } from '../../testbed/index.ts';
import { pumprange } from '../helpers/command.ts';
import { MOSQUITTO } from '../helpers/each-broker.ts';

/** The catalogue on a broker that we did not write: the same hands, the same attacks, and what differs is what docs/brokers.md says. */

const exercise = loadExercise();
const REVOKED = ['unsupervised-at-once', 'unsupervised-for-good', 'dropped-once', 'reconnect-refused'];
const BLIND = ['closed-unsupervised'];

/** Expectations that do not hold on Mosquitto, by scenario and posture; of all others each does. */
const DIFFERENT: Readonly<Record<string, readonly string[]>> = {
  // Sessions of a revoked certificate stay, and its log does not say why a certificate did not verify.
  'pump-revoked layered': REVOKED,
  'pump-revoked crl-fail-closed': REVOKED,
  'pump-revoked ocsp-fail-closed': REVOKED,
  // It goes by the list that it has: it asks nobody, so nobody can be missing.
  'revocation-source-outage ocsp-fail-closed': BLIND,
  'revocation-source-outage crl-fail-closed': BLIND,
  'time-server-outage ocsp-fail-closed': BLIND,
};
/** Eight days, with a ping of every session at each instant: minutes under each posture. */
const TOO_LONG = ['fleet-partly-offline'];
/**
 * Attacks and care are measured on our own broker, which is what the matrix is about; of the attacks this one is tried on both. The emulated
 * zones are not before a Mosquitto (docs/segmentation.md); in the lab they are before every broker.
 */
const ON_OURS_ALONE = ['attack', 'care', 'segmentation'];
const TRIED_ON_BOTH = ['spoofed-command'];
const TAKEN = exercise.scenarios
  .filter(({ enrolment, id }) => enrolment === undefined && !TOO_LONG.includes(id))
  .filter(({ family, id }) => !ON_OURS_ALONE.includes(family) || TRIED_ON_BOTH.includes(id))
  .map(({ id }) => id);

describe.skipIf(!MOSQUITTO)('on Mosquitto', () => {
  test.each(TAKEN)(
    '%s goes as on our own broker, but for what Mosquitto cannot',
    { timeout: 180_000 },
    async (id) => {
      const selection = { what: [id], posture: 'all' };
      const { report } = await runScenarios(exercise, { ...selection, broker: 'mosquitto' });
      const { report: ours } = await runScenarios(exercise, selection);
      expect(report.runs.length).toBe(ours.runs.length);
      for (const [index, run] of report.runs.entries()) {
        const name = `${id} ${run.posture}`;
        const failed = run.expectations.filter(({ held }) => !held).map((one) => one.id);
        expect([name, failed]).toEqual([name, DIFFERENT[name] ?? []]);
        expect(run).toMatchObject({ broker: 'mosquitto', posture: ours.runs[index]?.posture });
        // A pump gives what it gives, whoever carries its messages: harm in mL is the same to within a reaction of the wire.
        const own = ours.runs[index]?.harm ?? { overMl: -1, underMl: -1 };
        expect([name, Math.abs(run.harm.overMl - own.overMl) < 0.05]).toEqual([name, true]);
        expect([name, Math.abs(run.harm.underMl - own.underMl) < 0.05]).toEqual([name, true]);
      }
    },
  );

  test('what needs the clock of the rehearsal at the broker is left out, and refused by name', async () => {
    const named = await pumprange(['run', 'ca-outage', '--broker', 'mosquitto']);
    expect(named).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^PR_BROKER_SCENARIO/),
    });
    const { stdout } = await pumprange([
      'run',
      'resilience',
      '--broker',
      'mosquitto',
      '--posture',
      'mutual-tls-only',
    ]);
    expect(stdout).toMatch(/pump-revoked[\s\S]*posture mutual-tls-only, on mosquitto, seed/);
    expect(stdout).toMatch(
      /without ca-outage, ca-rollover, pump-clock-wrong, pump-off-past-expiry \(docs\/brokers\.md\)$/m,
    );
  });
});
