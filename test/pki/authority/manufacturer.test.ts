import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { BIRTH_PROFILE, createMemoryPki, openPki, parseCertificate } from '../../../pki/index.ts';
import { hasTool } from '../../helpers/require-tool.ts';
import { bench, DAY_MS, PUMP, START_MS } from '../workbench.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-manufacturer-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

test('a birth certificate outlives every site certificate, and the manufacturer’s judge accepts it all that time', () => {
  const { manufacturer } = bench().pki;
  const birth = manufacturer.issueBirth(PUMP);
  expect(birth).toMatchObject({ identity: PUMP, profile: 'birth', rootPem: manufacturer.rootPem });
  for (const atMs of [START_MS, START_MS + BIRTH_PROFILE.lifetimeMs - DAY_MS]) {
    expect(manufacturer.judge()(birth.chainDer, 'tls-client', atMs)).toMatchObject({
      accepted: true,
      identity: PUMP,
    });
  }
  expect(manufacturer.judge()(birth.chainDer, 'tls-client', birth.notAfterMs + 1)).toMatchObject({
    refusal: 'expired',
  });
});

test('neither the site nor the manufacturer takes the other’s certificates', () => {
  const { pki } = bench();
  const ofSite = pki.judge({ revocation: false });
  const ofWorks = pki.manufacturer.judge();
  const refused = { accepted: false, refusal: 'unknown-issuer' };
  expect(ofSite(pki.manufacturer.issueBirth(PUMP).chainDer, 'tls-client', START_MS)).toMatchObject(refused);
  expect(ofWorks(pki.issue({ identity: PUMP }).chainDer, 'tls-client', START_MS)).toMatchObject(refused);
  expect(pki.list().map(({ profile }) => profile)).toEqual(['pump']);
});

test('only a pump is born there, and only under a serial number that a subject can hold', () => {
  const { manufacturer } = bench().pki;
  const refused = expect.objectContaining({ code: 'PR_PKI_NAME' });
  expect(() => manufacturer.issueBirth({ kind: 'nurse', id: 'nurse-01' })).toThrow(refused);
  expect(() => manufacturer.issueBirth({ kind: 'pump', id: 'LVP_0001' })).toThrow(refused);
});

test('a folder keeps it, with files for nobody else to read, and makes it only when it is asked for', () => {
  const open = () => openPki({ dir: join(dir, 'pki'), clock: new HeapClock(START_MS) });
  const first = open();
  expect(readdirSync(join(dir, 'pki'))).not.toContain('manufacturer');
  const birth = first.manufacturer.issueBirth(PUMP);
  const { manufacturer } = open();
  expect(manufacturer.rootPem).toBe(birth.rootPem);
  expect(manufacturer.judge()(birth.chainDer, 'tls-client', START_MS).accepted).toBe(true);
  const folder = join(dir, 'pki', 'manufacturer', 'authorities');
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test.skipIf(!hasTool('openssl'))('OpenSSL accepts it strictly, and reads what IEEE 802.1AR asks for', () => {
  const { manufacturer } = bench().pki;
  const { certificatePem, chainPem } = manufacturer.issueBirth(PUMP);
  const leaf = file('birth.pem', certificatePem);
  const { stdout, stderr } = spawnSync(
    'openssl',
    [
      ...['verify', '-x509_strict', '-purpose', 'sslclient', '-attime', String(START_MS / 1000)],
      ...['-CAfile', file('root.pem', manufacturer.rootPem), '-untrusted', file('chain.pem', chainPem), leaf],
    ],
    { encoding: 'utf8' },
  );
  expect([stdout, stderr]).toEqual([`${leaf}: OK\n`, '']);
  const text = spawnSync('openssl', ['x509', '-noout', '-text', '-in', leaf], { encoding: 'utf8' }).stdout;
  expect(text).toMatch(/Issuer: O = "Manufacturer, TEST ONLY", CN = "Manufacturer, TEST ONLY Birth CA"/);
  expect(text).toMatch(/Subject: .*serialNumber = LVP-0001, CN = urn:pumprange:pump:LVP-0001/);
  expect(text).toMatch(/Subject Alternative Name:\s+URI:urn:pumprange:pump:LVP-0001/);
  expect(text).toMatch(/Certificate Policies:\s+Policy: 2\.25\.\d+\.5\n/);
});

describe.skipIf(!hasTool('certtool', 'gnutls-bin'))('GnuTLS', () => {
  test('accepts it too, which knows only the host’s time', () => {
    const { manufacturer } = createMemoryPki({ clock: new HeapClock(Date.now()) });
    const { status, stdout } = spawnSync(
      'certtool',
      [
        ...['--verify', '--load-ca-certificate', file('root.pem', manufacturer.rootPem)],
        ...['--infile', file('chain.pem', manufacturer.issueBirth(PUMP).chainPem)],
      ],
      { encoding: 'utf8' },
    );
    expect([status, stdout]).toEqual([0, expect.stringContaining('Chain verification output: Verified')]);
  });
});

test('the authorities of the works outlive what they certify', () => {
  const { manufacturer } = bench().pki;
  const birth = manufacturer.issueBirth(PUMP);
  expect(birth.notAfterMs).toBe(START_MS + BIRTH_PROFILE.lifetimeMs);
  for (const der of birth.chainDer.slice(1)) {
    expect(parseCertificate(der).notAfterMs).toBeGreaterThan(birth.notAfterMs);
  }
});
