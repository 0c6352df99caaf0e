import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFECT_NAMES, DEFECTS, inspect } from '../../../pki/index.ts';
import { hasTool } from '../../helpers/require-tool.ts';
import { bench, certify, DAY_MS, PUMP, START_MS } from '../workbench.ts';

test('a good chain: who, by whom, what for, until when, and that it passes', () => {
  const { pki } = bench();
  const { chainPem, serialNumber, fingerprint } = pki.issue({ identity: PUMP });
  const { version, items, standing } = pki.inspect(Buffer.from(chainPem));
  expect(version).toBe(1);
  expect(items).toHaveLength(2);
  expect(items[0]).toMatchObject({
    kind: 'certificate',
    subject: 'O=Pumprange TEST ONLY, CN=urn:pumprange:pump:LVP-0001',
    issuer: 'O=Pumprange TEST ONLY, CN=Pumprange TEST ONLY Devices CA',
    selfSigned: false,
    names: ['URI:urn:pumprange:pump:LVP-0001'],
    serialNumber,
    fingerprint,
    notBefore: '2026-03-01T06:00:00.000Z',
    notAfter: '2026-04-01T06:00:00.000Z',
    key: 'P-256',
    signature: 'ECDSA with SHA-256',
    authority: null,
    keyUsage: ['digitalSignature'],
    purposes: ['clientAuth', 'uplinkSigning'],
    policies: ['devicePolicy'],
    unreadable: null,
  });
  expect(items[1]).toMatchObject({ authority: { pathLength: 0 }, keyUsage: ['keyCertSign', 'cRLSign'] });
  expect(standing).toMatchObject({
    by: 'site',
    register: { revoked: null, defect: null },
    trustedAuthority: false,
    judgements: [
      { use: 'tls-client', accepted: true, faults: [] },
      { use: 'uplink-signing', accepted: true, faults: [] },
    ],
  });
});

test('DER is taken as PEM is', () => {
  const { pki } = bench();
  const { chainDer, certificatePem } = pki.issue({ identity: PUMP });
  expect(pki.inspect(chainDer[0]!)).toEqual(pki.inspect(Buffer.from(certificatePem)));
});

test('of each bad one it says what the judge would, first, and what is wrong with it in the register', () => {
  const { pki } = bench();
  for (const name of DEFECT_NAMES) {
    const { standing } = pki.inspect(Buffer.from(pki.issueDefective(name, PUMP).chainPem));
    const client = standing?.judgements.find(({ use }) => use === 'tls-client');
    expect([name, client?.accepted, client?.faults[0]?.refusal]).toEqual([
      name,
      false,
      DEFECTS[name].refusal,
    ]);
    expect(client?.faults[0]?.meaning).toMatch(/\w/);
    if (standing?.register) expect(standing.register.defect).toBe(name);
  }
});

test('it says everything that is wrong, not the first thing only', () => {
  const { pki, site } = bench();
  const der = certify(site.issuing.people, { notAfterMs: START_MS - DAY_MS / 2, extensions: () => [] });
  const [client] = pki.inspect(der).standing?.judgements ?? [];
  expect(client?.faults.map(({ refusal }) => refusal)).toEqual(['expired', 'wrong-usage', 'no-identity']);
});

test('a birth certificate is judged by the manufacturer', () => {
  const { pki } = bench();
  const { chainPem } = pki.manufacturer.issueBirth(PUMP);
  expect(pki.inspect(Buffer.from(chainPem)).standing).toMatchObject({
    by: 'manufacturer',
    judgements: [{ accepted: true }],
  });
});

test('an authority of ours is one; another’s is not', () => {
  const { pki } = bench();
  expect(pki.inspect(Buffer.from(pki.rootPem)).standing).toMatchObject({
    trustedAuthority: true,
    judgements: [],
  });
  expect(pki.inspect(Buffer.from(bench().pki.rootPem)).standing).toMatchObject({ trustedAuthority: false });
});

test('a revocation list says what is in it', () => {
  const { pki } = bench();
  const { serialNumber } = pki.issue({ identity: PUMP });
  pki.revoke(serialNumber, 'keyCompromise');
  const list = pki.crls().find(({ issuer }) => issuer === 'devices')!;
  for (const bytes of [Buffer.from(list.pem), list.der]) {
    expect(pki.inspect(bytes)).toMatchObject({
      standing: null,
      items: [{ kind: 'crl', revoked: [{ serialNumber, reason: 'keyCompromise' }] }],
    });
  }
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['text', Buffer.from('hello')],
  ['a private key', Buffer.from(bench().pki.issue({ identity: PUMP }).privateKeyPem)],
  ['a block of rubbish', Buffer.from('-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n')],
  ['a certificate cut short', bench().pki.issue({ identity: PUMP }).chainDer[0]!.subarray(0, 200)],
  ['megabytes', Buffer.alloc(2_000_000)],
])('%s is refused with a code', (_, bytes) => {
  expect(() => inspect(bytes, [], START_MS)).toThrow(
    expect.objectContaining({ code: 'PR_PKI_NO_CERTIFICATE' }),
  );
});

describe.skipIf(!hasTool('openssl'))('what OpenSSL made', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pumprange-inspect-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function made(...args: string[]): Buffer {
    const { status, stderr } = spawnSync(
      'openssl',
      [...args, '-nodes', '-keyout', join(dir, 'key.pem'), '-out', join(dir, 'out.pem')],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, stderr]);
    return readFileSync(join(dir, 'out.pem'));
  }

  test.each([
    ['rsa:4096', 'RSA of 4096 bits'],
    ['rsa:1024', 'RSA of 1024 bits'],
    ['ed25519', 'ed25519'],
  ])('a self-signed certificate with %s is explained', (newKey, key) => {
    const subject = '/C=DE/O=Müller \\& Söhne/CN=pump 12';
    const bytes = made(...['req', '-x509', '-utf8', '-newkey', newKey, '-days', '10', '-subj', subject]);
    const { items, standing } = bench().pki.inspect(bytes);
    expect(items).toMatchObject([{ key, selfSigned: true, purposes: null, authority: { pathLength: null } }]);
    expect(items[0]).toMatchObject({ subject: expect.stringContaining('Müller') });
    const [client] = standing?.judgements ?? [];
    expect(client).toMatchObject({ use: 'tls-client', accepted: false });
    expect(client?.faults.map(({ refusal }) => refusal)).toEqual(
      expect.arrayContaining(['unknown-issuer', 'wrong-usage', 'no-identity']),
    );
  });

  test('one of version 1, which our judge cannot read, is explained all the same', () => {
    made(...['req', '-newkey', 'rsa:2048', '-subj', '/CN=old']);
    const out = join(dir, 'v1.der');
    const { status } = spawnSync('openssl', [
      ...['x509', '-req', '-in', join(dir, 'out.pem'), '-signkey', join(dir, 'key.pem')],
      ...['-outform', 'DER', '-out', out],
    ]);
    expect(status).toBe(0);
    expect(bench().pki.inspect(readFileSync(out))).toMatchObject({
      items: [{ subject: 'CN=old', unreadable: expect.any(String) }],
      standing: { judgements: [{ accepted: false, faults: [{ refusal: 'malformed' }] }] },
    });
  });

  test('a request is explained, and whether it proves possession', () => {
    const bytes = made(
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=LVP-0001'],
      ...['-addext', 'subjectAltName=URI:urn:pumprange:pump:LVP-0001'],
    );
    const request = {
      kind: 'request',
      subject: 'LVP-0001',
      key: 'P-256',
      names: ['URI:urn:pumprange:pump:LVP-0001'],
      possessionProved: true,
    };
    expect(inspect(bytes, [], START_MS)).toMatchObject({ items: [request], standing: null });
    const der = Buffer.from(bytes.toString().replace(/-----.*-----/g, ''), 'base64');
    expect(inspect(der, [], START_MS)).toMatchObject({ items: [request] });
    der.writeUInt8(der.readUInt8(der.length - 1) ^ 1, der.length - 1);
    expect(inspect(der, [], START_MS)).toMatchObject({ items: [{ possessionProved: false }] });
  });
});
