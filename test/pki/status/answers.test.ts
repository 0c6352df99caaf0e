import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import { createMemoryPki, parseCertificate } from '../../../pki/index.ts';
import { buildOcspRequest } from '../../../pki/status/build-ocsp-request.ts';
import { certIdOf } from '../../../pki/status/cert-id.ts';
import { OcspResponseError, readOcspResponse } from '../../../pki/status/read-ocsp-response.ts';
import { statusHandler } from '../../../pki/status/status-handler.ts';
import { encode, explicit, integer, sequence } from '../../../pki/x509/der.ts';
import { ocspNonce } from '../../../pki/x509/extensions.ts';
import { bench, DAY_MS, PUMP, question, START_MS } from '../workbench.ts';
import { openStatusSite, type StatusSite } from './status-site.ts';

const MALFORMED = '30030a0101';
const INTERNAL_ERROR = '30030a0102';
const TRY_LATER = '30030a0103';
const UNAUTHORIZED = '30030a0106';

const post = (body: Uint8Array) => question('POST', '/ocsp', body);

function setUp() {
  const site = bench();
  const leaf = parseCertificate(site.pki.issue({ identity: PUMP }).chainDer[0]!);
  const issuer = site.site.issuing.devices.certificate;
  const ask = (body: Uint8Array): Buffer => Buffer.from(site.pki.status(post(body))!.body);
  return { ...site, leaf, issuer, ask };
}

describe('an OCSP answer', () => {
  test('holds for ten minutes of the Clock and is signed by a responder that changes with it', () => {
    const { clock, leaf, issuer, ask } = setUp();
    const asked = buildOcspRequest([certIdOf(leaf.serialNumber, issuer)]);
    const read = () =>
      readOcspResponse(ask(asked), { serialNumber: leaf.serialNumber, issuer, atMs: clock.now() });
    const first = read();
    expect(first).toMatchObject({
      status: { status: 'good' },
      thisUpdateMs: START_MS,
      nextUpdateMs: START_MS + 600_000,
    });
    clock.moveTo(START_MS + 3 * DAY_MS);
    const later = read();
    expect(later.thisUpdateMs).toBe(START_MS + 3 * DAY_MS);
    expect(later.responderFingerprint).not.toBe(first.responderFingerprint);
  });

  test('speaks of several certificates of one authority, and of none of two', () => {
    const { pki, clock, site, leaf, issuer, ask } = setUp();
    pki.revoke(leaf.serialNumber, 'keyCompromise');
    const other = pki.issue({ identity: { kind: 'pump', id: 'LVP-0002' } }).serialNumber;
    const both = ask(buildOcspRequest([leaf.serialNumber, other].map((serial) => certIdOf(serial, issuer))));
    const of = (serialNumber: string) =>
      readOcspResponse(both, { serialNumber, issuer, atMs: clock.now() }).status;
    expect(of(leaf.serialNumber)).toEqual({ status: 'revoked', atMs: START_MS, reason: 'keyCompromise' });
    expect(of(other)).toEqual({ status: 'good' });
    const broker = pki.issue({ identity: { kind: 'broker', id: 'broker-01' } }).serialNumber;
    const mixed = [certIdOf(other, issuer), certIdOf(broker, site.issuing.services.certificate)];
    expect(ask(buildOcspRequest(mixed)).toString('hex')).toBe(UNAUTHORIZED);
  });

  test('of one authority says nothing of another’s serial number', () => {
    const { pki, clock, issuer, ask } = setUp();
    const { serialNumber } = pki.issue({ identity: { kind: 'nurse', id: 'nurse-01' } });
    const answer = ask(buildOcspRequest([certIdOf(serialNumber, issuer)]));
    expect(readOcspResponse(answer, { serialNumber, issuer, atMs: clock.now() }).status).toEqual({
      status: 'unknown',
    });
  });

  test.each([
    ['no bytes', Buffer.alloc(0)],
    ['no certificate asked about', encode(sequence(sequence(sequence())))],
    ['another version', encode(sequence(sequence(explicit(0, integer(1)), sequence())))],
    ['too many bytes', Buffer.alloc(5_000, 0x30)],
  ])('to a request with %s is `malformedRequest`', (_what, body) => {
    expect(setUp().ask(body).toString('hex')).toBe(MALFORMED);
  });

  test('repeats a nonce of 1 to 32 bytes; a longer or empty one is malformed, and so are 17 certificates', () => {
    const { clock, leaf, issuer, ask } = setUp();
    const certId = certIdOf(leaf.serialNumber, issuer);
    const withNonce = (bytes: number): Buffer => {
      const extensions = explicit(2, sequence(ocspNonce(Buffer.alloc(bytes, 7))));
      return encode(sequence(sequence(sequence(sequence(certId)), extensions)));
    };
    for (const bytes of [1, 32]) {
      const answer = ask(withNonce(bytes));
      const about = { serialNumber: leaf.serialNumber, issuer, atMs: clock.now() };
      expect(readOcspResponse(answer, { ...about, nonce: Buffer.alloc(bytes, 7) }).status.status).toBe(
        'good',
      );
      expect(() => readOcspResponse(answer, { ...about, nonce: Buffer.alloc(bytes, 8) })).toThrow(/nonce/);
    }
    for (const bytes of [0, 33]) expect(ask(withNonce(bytes)).toString('hex')).toBe(MALFORMED);
    const many = Array.from({ length: 17 }, () => certId);
    expect(ask(buildOcspRequest(many)).toString('hex')).toBe(MALFORMED);
    expect(ask(buildOcspRequest(many.slice(1))).byteLength).toBeGreaterThan(1_000);
  });

  test('is `tryLater` beyond so many signatures a second, `internalError` where the register fails', () => {
    const { clock, site, leaf, issuer } = setUp();
    const { certificate } = site.issuing.devices;
    const handler = (statusOf: () => { status: 'good' }) =>
      statusHandler({
        clock,
        evidence: () => undefined,
        authorities: () => [
          {
            id: 'devices',
            certificate,
            statusOf,
            responder: () => site.issuing.devices,
            crl: () => {
              throw new Error('the disk is full');
            },
          },
        ],
        signaturesPerS: 2,
      });
    const asked = post(buildOcspRequest([certIdOf(leaf.serialNumber, issuer)]));
    const limited = handler(() => ({ status: 'good' }));
    const hex = () => Buffer.from(limited(asked)!.body).toString('hex');
    const answers = [hex(), hex(), hex()];
    expect(answers.map((one) => one === TRY_LATER)).toEqual([false, false, true]);
    clock.moveTo(clock.now() + 1_000);
    expect(hex()).not.toBe(TRY_LATER);
    const broken = handler(() => {
      throw new Error('the disk is gone');
    });
    expect(Buffer.from(broken(asked)!.body).toString('hex')).toBe(INTERNAL_ERROR);
    expect(limited(question('GET', '/crl/devices.crl'))).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
    });
  });
});

describe('whoever reads an answer', () => {
  test('believes no other signer, no other certificate, no other time, and no altered byte', () => {
    const { clock, site, leaf, issuer, pki, ask } = setUp();
    const asked = buildOcspRequest([certIdOf(leaf.serialNumber, issuer)]);
    const answer = ask(asked);
    const about = { serialNumber: leaf.serialNumber, issuer, atMs: clock.now() };
    expect(readOcspResponse(answer, about).status.status).toBe('good');
    const refuses = (changed: Partial<typeof about>): void =>
      expect(() => readOcspResponse(answer, { ...about, ...changed })).toThrow(OcspResponseError);
    refuses({ issuer: site.issuing.services.certificate });
    refuses({ serialNumber: '1234' });
    refuses({ atMs: clock.now() + 600_001 });
    refuses({ atMs: clock.now() - DAY_MS });
    // A pump's certificate of the same authority may not speak for it.
    const pump = pki.issue({ identity: { kind: 'pump', id: 'LVP-0666' } });
    const handler = statusHandler({
      clock,
      evidence: () => undefined,
      authorities: () => [
        {
          id: 'devices',
          certificate: issuer,
          statusOf: () => ({ status: 'good' }),
          responder: () => ({
            certificate: parseCertificate(pump.chainDer[0]!),
            privateKey: pump.privateKey,
          }),
          crl: () => pki.crls()[0]!,
        },
      ],
    });
    expect(() => readOcspResponse(Buffer.from(handler(post(asked))!.body), about)).toThrow(/may not speak/);
    for (let at = 0; at < answer.byteLength; at += 1) {
      const altered = Buffer.from(answer);
      altered[at] = (altered[at] ?? 0) ^ 1;
      let status: unknown;
      try {
        status = readOcspResponse(altered, about).status;
      } catch (error) {
        expect(error).toBeInstanceOf(OcspResponseError);
        continue;
      }
      // Bytes that nothing rests on: those of the certificate's signature are checked by its issuer's key.
      expect(status).toEqual({ status: 'good' });
      expect.fail(`byte ${at} can be altered`);
    }
  });
});

describe('garbage', () => {
  let site: StatusSite;
  beforeEach(async () => {
    site = await openStatusSite();
  });
  afterEach(() => site.stop());

  test('of 2,000 seeded mutations is answered properly, each of them', () => {
    const { leaf, issuer, ask } = setUp();
    const random = seededRandom(4);
    const honest = buildOcspRequest([certIdOf(leaf.serialNumber, issuer)], Buffer.alloc(16, 3));
    const seen = new Map<string, number>();
    for (let round = 0; round < 2_000; round++) {
      const bytes = mutated(honest, random);
      const answer = ask(bytes);
      const hex = answer.toString('hex');
      const kind = answer.byteLength > 100 ? 'successful' : hex;
      expect(['successful', MALFORMED, UNAUTHORIZED]).toContain(kind);
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    // Each of the three ways out was taken.
    expect([...seen.keys()].sort()).toEqual([MALFORMED, UNAUTHORIZED, 'successful'].sort());
  });

  test('over HTTP is answered too, in paths and bodies, and the server stays up', async () => {
    const random = seededRandom(5);
    const honest = Buffer.from('MEkwRzBFMEMwQTAJBgUrDgMCGgUABBQ', 'base64');
    for (let round = 0; round < 250; round++) {
      const bytes = mutated(honest, random);
      const posted = await fetch(`${site.url}/ocsp`, { method: 'POST', body: new Uint8Array(bytes) });
      expect(posted.status).toBe(200);
      expect(Buffer.from(await posted.arrayBuffer()).toString('hex')).toBe(MALFORMED);
      const path = bytes.toString('latin1').replace(/[^!-~]|[?#\\]/g, '%');
      const got = await rawGet(site.url, `/ocsp/x${path}`);
      expect(got).toMatchObject({ status: 200, hex: MALFORMED });
    }
    // Whoever asks proves nothing and pays nothing, so a flood of garbage must not become a flood of entries.
    const refused = () => site.evidence.filter(({ event }) => event === 'ocsp.refused');
    expect(refused()).toMatchObject([{ outcome: 'denied', address: '127.0.0.1' }]);
    site.clock.runTo(site.clock.now() + 10_000);
    expect(refused()).toMatchObject([{}, { cause: expect.stringContaining('(499 like it within 10 s)') }]);
  });

  test('of a megabyte is cut off, other paths and methods are refused', async () => {
    const big = await fetch(`${site.url}/ocsp`, { method: 'POST', body: new Uint8Array(1_000_000) }).then(
      ({ status }) => status,
      () => 'cut',
    );
    expect([413, 'cut']).toContain(big);
    expect((await fetch(`${site.url}/nothing`)).status).toBe(404);
    expect((await fetch(`${site.url}/crl/devices.crl`, { method: 'DELETE' })).status).toBe(405);
    expect((await fetch(`${site.url}/ocsp`)).status).toBe(405);
  });
});

test('a status address that is not on loopback is refused', () => {
  const { clock } = bench();
  for (const statusUrl of ['http://example.org', 'https://127.0.0.1:1', 'ftp://127.0.0.1', 'nowhere']) {
    expect(() => createMemoryPki({ clock, statusUrl })).toThrow(/address of this machine/);
  }
});

function mutated(honest: Buffer, random: ReturnType<typeof seededRandom>): Buffer {
  let bytes = Buffer.from(honest);
  const times = random.int(1, 3);
  for (let time = 0; time < times; time++) {
    const at = random.int(0, Math.max(0, bytes.byteLength - 1));
    switch (random.int(0, 3)) {
      case 0:
        if (bytes.byteLength > 0) bytes[at] = random.int(0, 255);
        break;
      case 1:
        bytes = bytes.subarray(0, at);
        break;
      case 2:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          Buffer.alloc(random.int(1, 9), at),
          bytes.subarray(at),
        ]);
        break;
      default:
        if (bytes.byteLength > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7));
    }
  }
  return bytes;
}

function rawGet(url: string, path: string): Promise<{ status: number | undefined; hex: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { path }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('end', () =>
        resolve({ status: response.statusCode, hex: Buffer.concat(chunks).toString('hex') }),
      );
    });
    request.once('error', reject).end();
  });
}
