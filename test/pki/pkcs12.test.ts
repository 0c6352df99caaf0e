import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportPkcs12 } from '../../pki/index.ts';
import { hasTool } from '../helpers/require-tool.ts';
import { bench } from './workbench.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-pkcs12-'));
  file = join(dir, 'a', 'observer.p12');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const { pki } = bench();
const identity = { kind: 'observer', id: 'observer-01' } as const;
/** Beyond ASCII, where two encodings of a password meet. */
const PASSWORD = 'pümp-range 47';

test('it is for its owner alone to read, and Node takes it with its password only', () => {
  exportPkcs12(pki.issue({ identity }), file, PASSWORD);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const pfx = readFileSync(file);
  expect(() => createSecureContext({ pfx, passphrase: PASSWORD })).not.toThrow();
  expect(() => createSecureContext({ pfx, passphrase: 'other' })).toThrow(/mac verify/);
});

test('what is there is not overwritten unless that is asked for', () => {
  exportPkcs12(pki.issue({ identity }), file, PASSWORD);
  const again = () => exportPkcs12(pki.issue({ identity }), file, PASSWORD);
  expect(again).toThrow(expect.objectContaining({ code: 'PR_FILE_EXISTS' }));
  exportPkcs12(pki.issue({ identity }), file, PASSWORD, { overwrite: true });
});

describe.skipIf(!hasTool('openssl'))('OpenSSL', () => {
  test.each(['p256', 'rsa2048', 'rsa3072'] as const)(
    'reads key, certificate and authorities (%s)',
    (keyAlgorithm) => {
      const credential = pki.issue({ identity, keyAlgorithm });
      exportPkcs12(credential, file, PASSWORD);
      const ask = (...args: string[]) =>
        spawnSync('openssl', ['pkcs12', '-in', file, '-passin', `pass:${PASSWORD}`, ...args], {
          encoding: 'utf8',
        });
      const info = ask('-info', '-noout');
      expect([info.status, info.stderr]).toEqual([0, expect.stringMatching(/MAC: sha256, Iteration 10000/)]);
      expect(info.stderr).toMatch(
        /Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 2048, PRF hmacWithSHA256/,
      );
      expect(ask('-nocerts', '-noenc').stdout).toContain(credential.privateKeyPem);
      const leaf = ask('-clcerts', '-nokeys').stdout;
      expect(leaf).toContain(credential.certificatePem);
      expect(leaf).toContain('friendlyName: observer observer-01 (Pumprange TEST ONLY)');
      expect(ask('-cacerts', '-nokeys').stdout.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
      expect(ask('-noout', '-passin', 'pass:other').status).not.toBe(0);
    },
  );
});

test.skipIf(!hasTool('certtool', 'gnutls-bin'))('GnuTLS reads it too, and finds its MAC right', () => {
  exportPkcs12(pki.issue({ identity }), file, PASSWORD);
  const { status, stdout, stderr } = spawnSync(
    'certtool',
    ['--p12-info', '--inder', '--infile', file, '--password', PASSWORD],
    { encoding: 'utf8' },
  );
  const said = stdout + stderr;
  expect([status, said]).toEqual([0, expect.stringContaining('BEGIN CERTIFICATE')]);
  expect(said).toMatch(/PRIVATE KEY/);
  expect(said).not.toMatch(/MAC.*(?:fail|error)/i);
});
