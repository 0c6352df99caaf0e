import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { DEFECTS } from '../../pki/index.ts';
import { pumprange, tempFolder } from '../helpers/command.ts';
import { hasTool } from '../helpers/require-tool.ts';

const HOLDER = ['--kind', 'observer', '--id', 'observer-01'];
const issue = (cwd: string, out: string, ...more: string[]) =>
  pumprange(['pki', 'issue', ...HOLDER, '--out', out, ...more], { cwd });
const list = async (cwd: string) =>
  JSON.parse((await pumprange(['pki', 'list', '--json'], { cwd })).stdout) as { defect?: string }[];

test('what works on a PKI that is there makes none, and says how to', async () => {
  const cwd = tempFolder();
  for (const args of [
    ['list'],
    ['revoke', ...HOLDER],
    ['crl', '--out', 'all.crl'],
    ['export', ...HOLDER, '--out', 'x'],
    ['rollover'],
    ['retire', 'devices'],
  ]) {
    const { code, stderr } = await pumprange(['pki', ...args], { cwd });
    expect([args, code, stderr]).toEqual([args, 2, expect.stringContaining('pumprange pki init')]);
  }
  expect(existsSync(join(cwd, '.pumprange'))).toBe(false);
});

test('into a folder that is taken nothing is issued', async () => {
  const cwd = tempFolder();
  expect((await issue(cwd, 'out')).code).toBe(0);
  expect(await issue(cwd, 'out')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('PR_FILE_EXISTS'),
  });
  writeFileSync(join(cwd, 'file'), '');
  expect((await issue(cwd, 'file/out')).code).toBe(2);
  expect(await list(cwd)).toHaveLength(1);
  expect((await issue(cwd, 'out', '--overwrite')).code).toBe(0);
  expect(await list(cwd)).toHaveLength(2);
});

test('a defect can be had by its name, and inspect says why it is refused', async () => {
  const cwd = tempFolder();
  for (const name of ['weak-key', 'path-length-broken', 'revoked'] as const) {
    expect(await issue(cwd, name, '--defect', name)).toMatchObject({ code: 0, stderr: '' });
    const { stdout } = await pumprange(['pki', 'inspect', join(name, 'cert.pem'), '--json'], { cwd });
    const { standing } = JSON.parse(stdout);
    expect([name, standing.judgements.at(-1).faults[0].refusal]).toEqual([name, DEFECTS[name].refusal]);
  }
  expect((await issue(cwd, 'x', '--defect', 'haunted')).code).toBe(2);
  expect((await issue(cwd, 'x', '--defect', 'expired', '--key', 'rsa2048')).code).toBe(2);
}, 120_000);

test('inspect explains in words, also where there is no PKI', async () => {
  const cwd = tempFolder();
  await issue(cwd, 'out');
  const { code, stdout } = await pumprange(['pki', 'inspect', 'out/cert.pem'], { cwd });
  expect(code).toBe(0);
  expect(stdout).toMatch(/who: +O=Pumprange TEST ONLY, CN=urn:pumprange:observer:observer-01/);
  expect(stdout).toMatch(/as a TLS client at .*: accepted/);
  const elsewhere = await pumprange(['pki', 'inspect', join(cwd, 'out/cert.pem')]);
  expect(elsewhere).toMatchObject({ code: 0, stdout: expect.stringContaining('no PKI in this folder') });
  expect((await pumprange(['pki', 'inspect', 'out/key.pem'], { cwd })).stderr).toContain(
    'PR_PKI_NO_CERTIFICATE',
  );
  expect((await pumprange(['pki', 'inspect', 'none.pem'], { cwd })).code).toBe(2);
});

test('a PKCS #12 file opens with the password that was printed, or the one that was given', async () => {
  const cwd = tempFolder();
  await pumprange(['pki', 'init'], { cwd });
  const take = (...more: string[]) => pumprange(['pki', 'export', ...HOLDER, ...more], { cwd });
  const { stdout } = await take('--pkcs12', 'a.p12');
  const opens = (file: string, passphrase: string) =>
    createSecureContext({ pfx: readFileSync(join(cwd, file)), passphrase });
  const [, printed = ''] = /shown this once: (\S+)/.exec(stdout) ?? [];
  expect(() => opens('a.p12', printed)).not.toThrow();
  expect(statSync(join(cwd, 'a.p12')).mode & 0o777).toBe(0o600);
  writeFileSync(join(cwd, 'password'), 'given by hand\n');
  const given = await take('--pkcs12', 'b.p12', '--password-file', 'password');
  expect(given.stdout).not.toContain('given by hand');
  expect(() => opens('b.p12', 'given by hand')).not.toThrow();
  expect((await take('--pkcs12', 'a.p12')).stderr).toContain('PR_FILE_EXISTS');
  expect((await take()).stderr).toContain('PR_USAGE');
});

test('an authority is rolled over, and retired when nobody depends on it', async () => {
  const cwd = tempFolder();
  const pump = ['--kind', 'pump', '--id', 'LVP-0001'];
  await pumprange(['pki', 'issue', ...pump, '--out', 'before'], { cwd });
  expect((await pumprange(['pki', 'rollover'], { cwd })).stdout).toContain('devices-2');
  const early = await pumprange(['pki', 'retire', 'devices'], { cwd });
  expect(early).toMatchObject({ code: 2, stderr: expect.stringContaining('urn:pumprange:pump:LVP-0001') });
  await pumprange(['pki', 'issue', ...pump, '--out', 'after'], { cwd });
  expect((await pumprange(['pki', 'retire', 'devices'], { cwd })).code).toBe(0);
  const look = async (out: string) =>
    JSON.parse((await pumprange(['pki', 'inspect', join(out, 'cert.pem'), '--json'], { cwd })).stdout)
      .standing;
  expect((await look('before')).judgements[0].faults[0].refusal).toBe('revoked');
  expect((await look('after')).judgements[0].accepted).toBe(true);
});

test.skipIf(!hasTool('openssl'))(
  'a revocation has the reason that was given, in the words of openssl',
  async () => {
    const cwd = tempFolder();
    await issue(cwd, 'out');
    const revoke = (...more: string[]) => pumprange(['pki', 'revoke', ...HOLDER, ...more], { cwd });
    expect((await revoke('--reason', 'whim')).stderr).toMatch(/^PR_USAGE: .*cessationOfOperation/);
    expect((await revoke('--reason', 'cessationOfOperation')).code).toBe(0);
    const { stdout } = await pumprange(['pki', 'list'], { cwd });
    expect(stdout).toMatch(/observer:observer-01 .* revoked: cessationOfOperation$/m);
    await pumprange(['pki', 'crl', '--out', 'all.crl'], { cwd });
    const lists = readFileSync(join(cwd, 'all.crl'), 'utf8').split(/(?<=-----END X509 CRL-----\n)/);
    const words = lists.map((input) =>
      spawnSync('openssl', ['crl', '-noout', '-text'], { input }).stdout.toString(),
    );
    expect(
      words.filter((text) => /X509v3 CRL Reason Code:\s+Cessation Of Operation/.test(text)),
    ).toHaveLength(1);
  },
);
