import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pumprange, start, tempFolder } from '../helpers/command.ts';

interface Progress {
  readonly to: string;
  readonly from: readonly string[];
  readonly waves: readonly {
    readonly pumps: readonly { readonly serial: string; readonly moved: boolean }[];
  }[];
  readonly waiting: readonly string[];
}

test('a live ward is moved to a new authority in waves from the command line, and the old one goes', async () => {
  const dir = tempFolder();
  const pki = (...args: string[]) => pumprange(['pki', ...args, '--dir', dir]);
  const progress = async (): Promise<Progress> => JSON.parse((await pki('migrate', '--json')).stdout);
  // Pumps do not renew in the first minute of a certificate.
  const ward = start(['up', '--enrol', 'est', '--pumps', '3', '--port', '0', '--speed', '60', '--dir', dir]);
  await ward.until(/Ctrl-C stops everything/);
  expect(await pki('migrate', '--rest')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('roll over'),
  });
  expect((await pki('rollover')).code).toBe(0);
  expect((await progress()).waiting).toHaveLength(3);

  const first = await pki('migrate', '--next', '1');
  expect(first.stdout).toContain('1 are to renew: LVP-0001\n');
  await expect
    .poll(async () => (await progress()).waves[0]?.pumps, { timeout: 30_000 })
    .toEqual([{ serial: 'LVP-0001', moved: true }]);
  expect((await progress()).waiting).toHaveLength(2);
  expect(await pki('retire', 'devices')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('cannot go yet'),
  });
  expect((await pki('migrate', '--rest', '--next', '1')).code).toBe(2);

  expect((await pki('migrate', '--rest')).code).toBe(0);
  await expect
    .poll(async () => (await progress()).waves[1]?.pumps.map(({ moved }) => moved), { timeout: 30_000 })
    .toEqual([true, true]);
  const { stdout } = await pki('migrate');
  expect(stdout).toMatch(
    /^devices-2 issues, devices still trusted: 3 of 3 pumps have moved\nwave 1, .*: 1 of 1\n/,
  );
  expect((await pki('retire', 'devices')).code).toBe(0);
  // What was done from the command line is in the evidence of the ward that takes it up.
  const evidence = () => readFileSync(join(dir, 'evidence.jsonl'), 'utf8');
  await expect.poll(evidence, { timeout: 30_000 }).toContain('"event":"certificate.revoked"');
  for (const event of ['authority.added', 'migration.wave', 'authority.retired']) {
    expect(evidence()).toContain(`"event":"${event}"`);
  }
  ward.process.kill('SIGTERM');
  const { code, stdout: said } = await ward.ended;
  expect(code).toBe(0);
  // Whoever moved was dropped by nobody.
  expect(said).not.toContain('session.dropped');
});
