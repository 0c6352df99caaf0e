import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Credential,
  DEFAULT_PROFILES,
  exportCredential,
  PROFILE_NAMES,
  PROFILES,
} from '../../pki/index.ts';
import { KINDS } from '../../protocol/index.ts';
import { hasTool } from '../helpers/require-tool.ts';
import { bench, DAY_MS, PUMP, START_MS } from './workbench.ts';

/** A foreign judge of certificates and CRLs: the `openssl` command, at the time of the clock (`-attime`). */
describe.skipIf(!hasTool('openssl'))('OpenSSL', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'pumprange-openssl-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  function openssl(...args: string[]): { status: number | null; said: string } {
    const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
    return { status, said: stdout + stderr };
  }

  function file(name: string, text: string): string {
    const path = join(dir, name);
    writeFileSync(path, text);
    return path;
  }

  type Site = ReturnType<typeof bench>;

  function verify({ pki, clock }: Site, { certificatePem, chainPem }: Credential, ...more: string[]) {
    const crls = pki.crls().map(({ pem }) => pem);
    return openssl(
      'verify',
      '-x509_strict',
      '-crl_check_all',
      '-attime',
      String(Math.floor(clock.now() / 1000)),
      '-CAfile',
      file('root.pem', pki.rootPem),
      '-untrusted',
      file('chain.pem', chainPem),
      '-CRLfile',
      file('crls.pem', crls.join('')),
      ...more,
      file('leaf.pem', certificatePem),
    );
  }

  test.each(['p256', 'rsa2048'] as const)(
    'accepts the chain of every profile strictly, with the CRLs of all, keys being %s',
    (keyAlgorithm) => {
      const site = bench({ keyAlgorithm });
      for (const profile of PROFILE_NAMES) {
        const [kind] = PROFILES[profile].kinds;
        const credential = site.pki.issue({ identity: { kind, id: 'x-01' }, profile });
        expect(verify(site, credential)).toMatchObject({ status: 0, said: expect.stringContaining(': OK') });
      }
    },
  );

  test('accepts RSA-3072 for authorities and holders', () => {
    const site = bench({ keyAlgorithm: 'rsa3072' });
    const credential = site.pki.issue({ identity: PUMP, keyAlgorithm: 'rsa3072' });
    expect(verify(site, credential, '-auth_level', '3')).toMatchObject({ status: 0 });
    const { said } = openssl('x509', '-noout', '-text', '-in', file('text.pem', site.pki.rootPem));
    expect(said).toContain('Public-Key: (3072 bit)');
  }, 60_000);

  test('accepts a client as a client and a broker as a server, and neither as the other', () => {
    const site = bench();
    for (const kind of KINDS) {
      const credential = site.pki.issue({ identity: { kind, id: 'x-01' } });
      const { extendedKeyUsage } = PROFILES[DEFAULT_PROFILES[kind]];
      const purposes: readonly string[] = extendedKeyUsage;
      for (const [purpose, name] of [
        ['sslclient', 'clientAuth'],
        ['sslserver', 'serverAuth'],
      ] as const) {
        const status = verify(site, credential, '-purpose', purpose).status;
        expect([kind, purpose, status === 0]).toEqual([kind, purpose, purposes.includes(name)]);
      }
    }
  });

  test('agrees that the names of a broker are those of this machine', () => {
    const site = bench();
    const broker = site.pki.issue({ identity: { kind: 'broker', id: 'broker-01' }, extraNames: ['broker'] });
    for (const name of ['localhost', 'broker']) {
      expect(verify(site, broker, '-verify_hostname', name).status).toBe(0);
    }
    for (const address of ['127.0.0.1', '::1']) {
      expect(verify(site, broker, '-verify_ip', address).status).toBe(0);
    }
    expect(verify(site, broker, '-verify_hostname', 'example.org').status).not.toBe(0);
  });

  test('refuses one that is revoked, and still accepts another', () => {
    const site = bench();
    const revoked = site.pki.issue({ identity: PUMP });
    const other = site.pki.issue({ identity: { kind: 'pump', id: 'LVP-0002' } });
    site.pki.revoke(PUMP, 'keyCompromise');
    expect(verify(site, revoked).said).toContain('certificate revoked');
    expect(verify(site, other).status).toBe(0);
  });

  test('accepts in simulated week 2 what was renewed and issued then, and no longer what ran out', () => {
    const site = bench();
    const first = site.pki.issue({ identity: PUMP, lifetimeMs: 9 * DAY_MS });
    site.clock.moveTo(START_MS + 10 * DAY_MS);
    expect(verify(site, site.pki.issue({ identity: PUMP })).status).toBe(0);
    expect(verify(site, first).said).toContain('certificate has expired');
  });

  test('refuses a foreign PKI of the same name', () => {
    const site = bench();
    expect(verify(site, bench().pki.issue({ identity: PUMP })).status).not.toBe(0);
  });

  test('reads the same in a certificate as we put there', () => {
    const { pki } = bench();
    const { certificatePem, serialNumber } = pki.issue({ identity: { kind: 'nurse', id: 'nurse-01' } });
    const { said } = openssl('x509', '-noout', '-text', '-in', file('text.pem', certificatePem));
    expect(said.replace(/\s+/g, ' ')).toContain(serialNumber.replace(/(..)(?=.)/g, '$1:'));
    expect(said).toContain('Not Before: Mar  1 06:00:00 2026 GMT');
    expect(said).toContain('Not After : Apr  1 06:00:00 2026 GMT');
    expect(said).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(said).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(said).toMatch(/Extended Key Usage:\s+2\.25\.292812669181874874229379611780069102649/);
    expect(said).toMatch(/Subject Alternative Name:\s+URI:urn:pumprange:nurse:nurse-01/);
  });

  test('reads the same in an authority as we put there', () => {
    const { pki } = bench();
    const text = (pem: string) => openssl('x509', '-noout', '-text', '-in', file('text.pem', pem)).said;
    expect(text(pki.rootPem)).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/);
    for (const pem of pki.issuingPems) {
      expect(text(pem)).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
      expect(text(pem)).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
      expect(text(pem)).toContain('TEST ONLY');
    }
  });

  test('reads the same in a CRL as we put there', () => {
    const { pki } = bench();
    pki.crls();
    const { serialNumber } = pki.issue({ identity: PUMP });
    pki.revoke(serialNumber, 'keyCompromise');
    const devices = pki.crls().find(({ issuer }) => issuer === 'devices')!;
    const [devicesCa = ''] = pki.issuingPems;
    const { said } = openssl(
      'crl',
      '-text',
      '-noout',
      '-in',
      file('crl.pem', devices.pem),
      '-CAfile',
      file('ca.pem', devicesCa),
    );
    expect(said).toContain('verify OK');
    expect(said).toContain('Version 2 (0x1)');
    expect(said).toContain(`Serial Number: ${serialNumber.toUpperCase()}`);
    expect(said).toContain('Revocation Date: Mar  2 06:00:00 2026 GMT');
    expect(said).toContain('Key Compromise');
    expect(said).toContain('Next Update: Mar  9 06:00:00 2026 GMT');
    expect(said).toMatch(/CRL Number:\s+2\n/);
  });

  test('takes exported files as they are: the root alone as CA file, the key that of the certificate', () => {
    const { pki } = bench();
    const out = join(dir, 'observer');
    exportCredential(pki.issue({ identity: { kind: 'observer', id: 'observer-01' } }), out);
    const attime = ['-attime', String(START_MS / 1000)];
    const cert = join(out, 'cert.pem');
    expect(
      openssl('verify', '-x509_strict', ...attime, '-CAfile', join(out, 'ca.pem'), '-untrusted', cert, cert)
        .status,
    ).toBe(0);
    const ofKey = openssl('pkey', '-pubout', '-in', join(out, 'key.pem')).said;
    expect(openssl('x509', '-noout', '-pubkey', '-in', cert).said).toBe(ofKey);
  });
});
