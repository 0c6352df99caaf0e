import { createPublicKey, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { DEFAULT_PROFILES, PROFILES, parseCertificate } from '../../../pki/index.ts';
import { KINDS, urnOf } from '../../../protocol/index.ts';
import { bench, DAY_MS, PUMP, START_MS } from '../workbench.ts';

const USES = ['tls-client', 'tls-server', 'message-signing', 'uplink-signing', 'code-signing'] as const;

test('what each kind of holder may do with its certificate', () => {
  const { pki } = bench();
  const judge = pki.judge({ revocation: true });
  const allowed = (kind: (typeof KINDS)[number], profile = DEFAULT_PROFILES[kind]) => {
    const { chainDer } = pki.issue({ identity: { kind, id: 'x-01' }, profile });
    return USES.filter((use) => judge(chainDer, use, START_MS).accepted);
  };
  expect(Object.fromEntries(KINDS.map((kind) => [kind, allowed(kind)]))).toEqual({
    pump: ['tls-client', 'uplink-signing'],
    'pump-server': ['tls-client', 'message-signing'],
    broker: ['tls-server'],
    'nurse-station': ['tls-client'],
    gateway: ['tls-client', 'message-signing'],
    vendor: ['tls-client'],
    observer: ['tls-client'],
    'est-server': ['tls-server'],
    nurse: ['message-signing'],
    pharmacist: ['message-signing'],
    biomed: ['message-signing'],
    'clinical-engineer': ['message-signing'],
    security: ['message-signing'],
  });
  expect(allowed('vendor', 'firmware-signer')).toEqual(['code-signing']);
});

test('names say who holds it, that it is a test, and which authority issued it', () => {
  const { pki } = bench();
  for (const kind of KINDS) {
    const credential = pki.issue({ identity: { kind, id: 'x-01' } });
    const { subject, issuer, subjectAltName } = new X509Certificate(credential.certificatePem);
    const urn = urnOf({ kind, id: 'x-01' });
    expect(subject).toBe(`O=Pumprange TEST ONLY\nCN=${urn}`);
    expect(subjectAltName).toContain(`URI:${urn}`);
    expect(issuer).toMatch(/^O=Pumprange TEST ONLY\nCN=Pumprange TEST ONLY (Devices|Services|People) CA$/);
  }
  expect(new X509Certificate(pki.rootPem).subject).toBe('O=Pumprange TEST ONLY\nCN=Pumprange TEST ONLY Root');
});

test('serial numbers are positive, of sixteen octets, and never meet', () => {
  const { pki } = bench();
  const serials = Array.from({ length: 200 }, () => pki.issue({ identity: PUMP }).serialNumber);
  expect(new Set(serials).size).toBe(200);
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/);
});

test('a certificate holds from a day before now for thirty days, by the clock and not by the machine', () => {
  const { pki } = bench();
  const { notBeforeMs, notAfterMs } = pki.issue({ identity: PUMP });
  expect({ notBeforeMs, notAfterMs }).toEqual({
    notBeforeMs: START_MS - DAY_MS,
    notAfterMs: START_MS + 30 * DAY_MS,
  });
});

test('what the credential says is what its certificate says', () => {
  const { clock, pki } = bench();
  clock.moveTo(START_MS + 1_234);
  const credential = pki.issue({ identity: PUMP, lifetimeMs: 3_600_500, notBeforeMs: START_MS + 77 });
  const { fingerprint, serialNumber, notBeforeMs, notAfterMs, spkiDer } = parseCertificate(
    credential.chainDer[0]!,
  );
  expect(credential).toMatchObject({ fingerprint, serialNumber, notBeforeMs, notAfterMs });
  expect(notAfterMs).toBe(START_MS + 3_600_000);
  expect(createPublicKey(credential.privateKeyPem).export({ format: 'der', type: 'spki' })).toEqual(spkiDer);
});

test('no certificate outlives its authority, and an authority that has run out issues none', () => {
  const { clock, pki } = bench();
  clock.moveTo(START_MS + 350 * DAY_MS);
  expect(pki.issue({ identity: PUMP }).notAfterMs).toBe(START_MS + 365 * DAY_MS);
  clock.moveTo(START_MS + 365 * DAY_MS + 1);
  expect(() => pki.issue({ identity: PUMP })).toThrow(expect.objectContaining({ code: 'PR_PKI_EXPIRED' }));
});

test('RSA on request, for holders and for authorities, and both sorts mix', () => {
  const { pki } = bench({ keyAlgorithm: 'rsa2048' });
  const judge = pki.judge({ revocation: true });
  for (const keyAlgorithm of ['p256', 'rsa2048'] as const) {
    const { chainDer, privateKey } = pki.issue({ identity: PUMP, keyAlgorithm });
    expect(privateKey.asymmetricKeyType).toBe(keyAlgorithm === 'p256' ? 'ec' : 'rsa');
    expect(judge(chainDer, 'tls-client', START_MS)).toMatchObject({ accepted: true, identity: PUMP });
  }
});

test.each([
  ['an id with a slash', { identity: { kind: 'pump', id: 'a/b' } }, 'no id'],
  ['an empty id', { identity: { kind: 'pump', id: '' } }, 'no id'],
  ['an unknown kind', { identity: { kind: 'plumber' as 'pump', id: 'a' } }, 'kinds are pump'],
  ['an unknown profile', { identity: PUMP, profile: 'root' as 'pump' }, 'profiles are pump'],
  ['a profile of another kind', { identity: PUMP, profile: 'broker' }, 'for broker, not for pump'],
  ['an id that the common name cannot hold', { identity: { kind: 'pump', id: 'a'.repeat(46) } }, '1 char'],
  ['host names for a pump', { identity: PUMP, extraNames: ['localhost'] }, 'carries no host names'],
  [
    'a host name that is none',
    { identity: { kind: 'broker', id: 'b' }, extraNames: ['a b'] },
    'neither a host name nor an address',
  ],
] as const)('%s is refused with a coded error', (_, request, detail) => {
  const { pki } = bench();
  expect(() => pki.issue(request)).toThrow(expect.objectContaining({ code: 'PR_PKI_NAME' }));
  expect(() => pki.issue(request)).toThrow(detail);
  expect(pki.list()).toEqual([]);
});

test('the longest id that fits is issued', () => {
  const { pki } = bench();
  expect(pki.issue({ identity: { kind: 'pump', id: 'a'.repeat(45) } }).identity.id).toHaveLength(45);
});

test('every kind has a default profile that is made for it', () => {
  for (const kind of KINDS) expect(PROFILES[DEFAULT_PROFILES[kind]].kinds).toContain(kind);
});

test('evidence of each issue names the holder and the certificate', () => {
  const seen: unknown[] = [];
  const { pki } = bench({ evidence: (entry) => seen.push(entry) });
  const { fingerprint } = pki.issue({ identity: PUMP });
  expect(seen).toEqual([
    {
      source: 'pki',
      event: 'certificate.issued',
      outcome: 'observed',
      visibility: 'blue',
      subject: 'urn:pumprange:pump:LVP-0001',
      certificateFingerprint: fingerprint,
      object: 'pump',
    },
  ]);
});
