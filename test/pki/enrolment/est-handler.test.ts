import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../../clock/index.ts';
import type { EnrolmentAuthority } from '../../../pki/enrolment/est-handler.ts';
import {
  createMemoryPki,
  estHandler,
  readCertsOnly,
  type ServiceRequest,
  siteAuthority,
} from '../../../pki/index.ts';
import { newKeyPair } from '../../../pki/x509/algorithms.ts';
import { parseCertificate } from '../../../pki/x509/certificate.ts';
import { buildCertificationRequest } from '../../../pki/x509/certification-request.ts';
import { CONTROL_IDS, type EvidenceEntry, PumprangeError } from '../../../protocol/index.ts';
import { bench, PUMP } from '../workbench.ts';

const URN = 'urn:pumprange:pump:LVP-0001';
const controls = new Set(CONTROL_IDS);

function desk(replace: Partial<EnrolmentAuthority> = {}) {
  const { clock, pki } = bench();
  const manufacturer = createMemoryPki({ clock, name: 'Pumpworks' });
  const evidence: EvidenceEntry[] = [];
  const handler = estHandler({
    clock,
    controls,
    evidence: (entry) => void evidence.push(entry),
    authority: { ...siteAuthority(pki, manufacturer.judge({ revocation: false }), controls), ...replace },
    rate: { requests: 10_000, perMs: 1 },
  });
  const { chainDer } = manufacturer.issue({ identity: PUMP });
  const ask = (body: Buffer, more: Partial<ServiceRequest> = {}) => {
    const answer = handler({
      method: 'POST',
      path: '/.well-known/est/simpleenroll',
      contentType: 'application/pkcs10',
      body,
      chainDer,
      address: '127.0.0.1',
      ...more,
    });
    if (answer === undefined) throw new Error('not answered');
    return answer;
  };
  return { clock, pki, evidence, handler, ask };
}

const base64 = (bytes: Uint8Array): Buffer => Buffer.from(Buffer.from(bytes).toString('base64'));
const granted = (body: string | Buffer) =>
  readCertsOnly(Buffer.from(body.toString(), 'base64')).map(parseCertificate);

/** One of the ways in which bytes go wrong. */
function mutated(bytes: Buffer, random: Random): Buffer {
  const at = random.int(0, bytes.length - 1);
  const copy = Buffer.from(bytes);
  switch (random.pick(['flip', 'set', 'cut', 'drop', 'insert', 'repeat', 'lengthen'] as const)) {
    case 'flip':
      copy.writeUInt8(copy.readUInt8(at) ^ (1 << random.int(0, 7)), at);
      return copy;
    case 'set':
      copy.writeUInt8(random.pick([0x00, 0x30, 0x7f, 0x80, 0xa0, 0xff]), at);
      return copy;
    case 'cut':
      return copy.subarray(0, at);
    case 'drop':
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + random.int(1, 8))]);
    case 'insert':
      return Buffer.concat([copy.subarray(0, at), Buffer.of(random.int(0, 255)), copy.subarray(at)]);
    case 'repeat':
      return Buffer.concat([copy, copy.subarray(at)]);
    case 'lengthen':
      return Buffer.concat([copy.subarray(0, at), Buffer.alloc(random.int(1, 300), 0x30), copy.subarray(at)]);
  }
}

describe('whatever bytes come as a request', () => {
  test('2,000 mutations of good ones: an answer each time, and never a name or key that was not proved', () => {
    const { ask, clock, evidence } = desk();
    const random = seededRandom(7030);
    const good = (['p256', 'rsa2048'] as const).map((algorithm) =>
      buildCertificationRequest(URN, newKeyPair(algorithm)),
    );
    const seen = new Map<number, number>();
    for (let round = 0; round < 2_000; round++) {
      const request = random.pick(good);
      const mutant = mutated(request, random);
      const body = round % 4 === 0 ? mutated(base64(request), random) : base64(mutant);
      const { status, body: said } = ask(body);
      // Of denials that are alike one in 10 s is told.
      clock.runTo(clock.now() + 10_000);
      seen.set(status, (seen.get(status) ?? 0) + 1);
      expect([200, 400, 403]).toContain(status);
      if (status !== 200) continue;
      // White space, or the other number that verifies in place of an ECDSA signature's.
      for (const { uris, spkiDer } of granted(said)) {
        expect(uris).toEqual([URN]);
        expect(good.some((one) => one.includes(spkiDer))).toBe(true);
      }
    }
    // Each was told, and most got far enough to be refused for more than their form.
    expect(evidence.filter(({ event }) => event === 'enrolment.denied').length).toBe(
      2_000 - (seen.get(200) ?? 0),
    );
    expect(evidence.filter(({ cause }) => cause?.startsWith('no-possession')).length).toBeGreaterThan(200);
    expect(ask(base64(buildCertificationRequest(URN, newKeyPair('p256')))).status).toBe(200);
  });
});

test('of denials that are alike one in 10 s is told, and then how many more; others are told at once', () => {
  const { ask, clock, evidence } = desk();
  const denials = () =>
    evidence.filter(({ event }) => event === 'enrolment.denied').map(({ cause }) => cause);
  for (let count = 0; count < 2_000; count++) ask(Buffer.of(), { chainDer: [] });
  ask(Buffer.of(), { chainDer: [], address: '127.0.0.2' });
  ask(Buffer.from('!'));
  expect(denials()).toEqual([
    expect.stringMatching(/^not-authenticated: no-certificate/),
    expect.stringMatching(/^not-authenticated: no-certificate/),
    expect.stringMatching(/^malformed/),
  ]);
  clock.runTo(clock.now() + 10_000);
  expect(denials().slice(3)).toEqual([expect.stringMatching(/ \(1999 like it within 10 s\)$/)]);
  ask(Buffer.of(), { chainDer: [] });
  expect(denials()).toHaveLength(5);
});

describe('a request', () => {
  test('is answered with the certificate alone, for the key that it carried', () => {
    const { ask } = desk();
    const keys = newKeyPair('p256');
    const certificates = granted(ask(base64(buildCertificationRequest(URN, keys))).body);
    expect(certificates).toHaveLength(1);
    expect(certificates[0]?.spkiDer.equals(keys.spkiDer)).toBe(true);
  });

  test('for what others serve is left to them', () => {
    const { handler } = desk();
    const request = {
      method: 'GET',
      contentType: undefined,
      body: Buffer.of(),
      chainDer: [],
      address: '127.0.0.1',
    };
    expect(handler({ ...request, path: '/crl/devices.crl' })).toBeUndefined();
    expect(handler({ ...request, path: '/.well-known/est/nothing' })?.status).toBe(404);
  });

  test('comes back later where the authority cannot issue', () => {
    const { ask, evidence } = desk({
      certify: () => {
        throw new PumprangeError('PR_DISK', 'the disk is full');
      },
    });
    const { status, headers } = ask(base64(buildCertificationRequest(URN, newKeyPair('p256'))));
    expect([status, headers['Retry-After']]).toEqual([503, '60']);
    expect(evidence.at(-1)).toMatchObject({ event: 'enrolment.failed', cause: 'PR_DISK: the disk is full' });
  });
});
