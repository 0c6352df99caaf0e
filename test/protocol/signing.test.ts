import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import { type Credential, createMemoryPki } from '../../pki/index.ts';
import {
  Composer,
  type Signature,
  signedBytes,
  signMessage,
  verifySignatures,
} from '../../protocol/index.ts';

const START_MS = Date.parse('2026-03-02T06:00:00Z');
const clock = new HeapClock(START_MS);
const pki = createMemoryPki({ clock });
const judge = pki.judge({ revocation: true });
const nurse = pki.issue({ identity: { kind: 'nurse', id: 'nurse-01' } });
const pharmacist = pki.issue({ identity: { kind: 'pharmacist', id: 'pharmacist-01' } });
const rsaNurse = pki.issue({ identity: { kind: 'nurse', id: 'nurse-02' }, keyAlgorithm: 'rsa2048' });

type Message = ReturnType<typeof compose> & { readonly signatures?: readonly Signature[] | undefined };

function compose() {
  return new Composer({ kind: 'nurse-station', id: 'station-01' }, 'boot-1', () => START_MS).compose(
    'command',
    { command: 'set-rate', channel: 'A', rateMlPerH: 5, note: { deep: [1, 'é', null] } },
    { to: 'urn:pumprange:pump:LVP-0001', expiresAtMs: START_MS + 60_000 },
  );
}

const message: Message = compose();
const signed = await signMessage(message, nurse);
const verdictsOf = (one: Message) => verifySignatures({ ...one }, judge, 'message-signing', START_MS);
const outcomes = (one: Message) =>
  verdictsOf(one).map((verdict) => (verdict.accepted ? 'accepted' : verdict.refusal));

/** A signature by hand, for what `signMessage` never makes. */
function forge(one: Message, header: unknown, by: Credential = nurse, bits?: Buffer): Message {
  const protectedHeader = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header)).toString(
    'base64url',
  );
  const input = Buffer.from(`${protectedHeader}.${signedBytes({ ...one }).toString('base64url')}`);
  const signature = bits ?? sign('sha256', input, { key: by.privateKey, dsaEncoding: 'ieee-p1363' });
  return { ...one, signatures: [{ protected: protectedHeader, signature: signature.toString('base64url') }] };
}

const x5c = nurse.chainDer.map((der) => der.toString('base64'));
const HEADER = { alg: 'ES256', typ: 'pumprange+jws', x5c };

describe('a signature', () => {
  test('by hand is as good as one of ours, so that the forgeries below fail for their own reason', () => {
    expect(outcomes(forge(message, HEADER))).toEqual(['accepted']);
  });

  test('says who signed', () => {
    expect(verdictsOf(signed)).toMatchObject([
      { accepted: true, identity: { kind: 'nurse', id: 'nurse-01' }, fingerprint: nurse.fingerprint },
    ]);
  });

  test('by an RSA key holds as well', async () => {
    expect(outcomes(await signMessage(message, rsaNurse))).toEqual(['accepted']);
  });

  test('of none is judged of none', () => {
    expect(verdictsOf(message)).toEqual([]);
    expect(verdictsOf({ ...message, signatures: [] })).toEqual([]);
  });

  test('is over the content: a second one stands beside it, and each for itself', async () => {
    const both = await signMessage(signed, pharmacist);
    expect(verdictsOf(both)).toMatchObject([
      { accepted: true, identity: { kind: 'nurse' } },
      { accepted: true, identity: { kind: 'pharmacist' } },
    ]);
    expect(outcomes({ ...both, signatures: [...both.signatures!].reverse() })).toEqual([
      'accepted',
      'accepted',
    ]);
    const [mine, theirs] = both.signatures!;
    const crossed = { ...mine!, signature: theirs!.signature };
    expect(outcomes({ ...both, signatures: [crossed, theirs!] })).toEqual(['bad-signature', 'accepted']);
  });

  test('outlives reformatting and the reordering of members', () => {
    const backwards = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(backwards);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, backwards(inner)]),
      );
    };
    const text = JSON.stringify(backwards(signed), null, 7);
    expect(text).not.toBe(JSON.stringify(signed));
    expect(outcomes(JSON.parse(text))).toEqual(['accepted']);
    expect(outcomes(JSON.parse(JSON.stringify(signed).replace(':5,', ':5.0e0,')))).toEqual(['accepted']);
  });
});

describe('a changed message', () => {
  /** Every path to a leaf of the message, `signatures` apart. */
  const paths = (value: unknown, path: string[] = []): string[][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) =>
          key === 'signatures' ? [] : paths(inner, [...path, key]),
        )
      : [path];

  const change = (value: unknown, [key, ...rest]: string[], edit: (leaf: unknown) => unknown): unknown => {
    if (key === undefined) return edit(value);
    const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
    Object.assign(copy, { [key]: change((value as Record<string, unknown>)[key], rest, edit) });
    return copy;
  };

  test.each(paths(signed).map((path) => [path.join('.'), path] as const))(
    'in `%s` is found out',
    (_, path) => {
      for (const edit of [
        (leaf: unknown) => (typeof leaf === 'number' ? leaf + 1 : `${leaf} `),
        (leaf: unknown) => (leaf === null ? 'null' : null),
        () => ({}),
      ]) {
        expect(outcomes(change(signed, path, edit) as Message)).toEqual(['bad-signature']);
      }
    },
  );

  test('with one member more is found out, at any depth', () => {
    expect(outcomes({ ...signed, more: 1 } as Message)).toEqual(['bad-signature']);
    expect(outcomes({ ...signed, body: { ...signed.body, more: 1 } } as Message)).toEqual(['bad-signature']);
  });
});

describe('a forged signature', () => {
  test.each([
    ['no algorithm', { ...HEADER, alg: 'none' }],
    ['the other algorithm', { ...HEADER, alg: 'RS256' }],
    ['a symmetric algorithm', { ...HEADER, alg: 'HS256' }],
    ['an algorithm that is missing', { typ: HEADER.typ, x5c }],
    ['another type', { ...HEADER, typ: 'JWT' }],
    ['a critical extension', { ...HEADER, crit: ['exp'], exp: 1 }],
    ['an empty critical list', { ...HEADER, crit: [] }],
    ['no certificate', { ...HEADER, x5c: [] }],
    [
      'a key beside the certificate',
      { alg: 'ES256', typ: HEADER.typ, jwk: nurse.privateKey.export({ format: 'jwk' }) },
    ],
    ['too many certificates', { ...HEADER, x5c: Array(5).fill(x5c[0]) }],
    ['a certificate that is none', { ...HEADER, x5c: ['AAAA'] }],
    ['a certificate that is not base64', { ...HEADER, x5c: ['*'] }],
    ['a header that is no object', '[1]'],
    ['a header that is no JSON', '{'],
  ])('with %s is malformed', (_, header) => {
    expect(outcomes(forge(message, header))).toEqual(['malformed-signature']);
  });

  test('of an ES256 header with an RSA certificate is malformed, and so is one the other way about', () => {
    const rsa = rsaNurse.chainDer.map((der) => der.toString('base64'));
    expect(outcomes(forge(message, { ...HEADER, x5c: rsa }))).toEqual(['malformed-signature']);
  });

  test('by another key than that of the certificate does not fit', () => {
    expect(outcomes(forge(message, HEADER, pharmacist))).toEqual(['bad-signature']);
  });

  test('in DER, as OpenSSL writes it, is not what RFC 7518 has', () => {
    const input = Buffer.from(
      `${Buffer.from(JSON.stringify(HEADER)).toString('base64url')}.${signedBytes({ ...message }).toString('base64url')}`,
    );
    expect(outcomes(forge(message, HEADER, nurse, sign('sha256', input, nurse.privateKey)))).toEqual([
      'bad-signature',
    ]);
  });

  test.each([0, 1, 63, 65, 128])('of %d bytes does not fit', (length) => {
    const forged = forge(message, HEADER, nurse, Buffer.alloc(length, 7));
    expect(outcomes(forged)).toEqual(['bad-signature']);
  });

  test('of zeros (r = s = 0) does not fit', () => {
    expect(outcomes(forge(message, HEADER, nurse, Buffer.alloc(64)))).toEqual(['bad-signature']);
  });

  test('with any bytes in it is a refusal and never throws', () => {
    const [good] = signed.signatures!;
    const anyText = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.base64String());
    const header = fc.oneof(
      anyText,
      fc.constant(good!.protected),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc
        .uint8Array({ maxLength: 600 })
        .map((der) =>
          Buffer.from(JSON.stringify({ ...HEADER, x5c: [Buffer.from(der).toString('base64')] })).toString(
            'base64url',
          ),
        ),
      // A certificate with one byte changed: its key may be a point that is not on the curve.
      fc
        .tuple(fc.constantFrom(nurse, rsaNurse), fc.nat(), fc.integer({ min: 1, max: 255 }))
        .map(([whose, at, bits]) => {
          const der = Buffer.from(whose.chainDer[0]!);
          der[at % der.length] = der[at % der.length]! ^ bits;
          const alg = whose === nurse ? 'ES256' : 'RS256';
          const spoilt = { ...HEADER, alg, x5c: [der.toString('base64')] };
          return Buffer.from(JSON.stringify(spoilt)).toString('base64url');
        }),
    );
    fc.assert(
      fc.property(header, anyText, (protectedHeader, signature) => {
        const [verdict] = verdictsOf({ ...message, signatures: [{ protected: protectedHeader, signature }] });
        expect(verdict!.accepted).toBe(false);
      }),
      { numRuns: 600 },
    );
  });
});

describe('a signer', () => {
  const refusalOf = async (by: Credential, atMs = START_MS) => {
    const [verdict] = verifySignatures(
      { ...(await signMessage(message, by)) },
      judge,
      'message-signing',
      atMs,
    );
    return verdict!.accepted ? 'accepted' : (verdict!.certificate?.refusal ?? verdict!.refusal);
  };

  test('of another site is refused, though the signature holds', async () => {
    const foreign = createMemoryPki({ clock, name: 'Elsewhere' });
    expect(await refusalOf(foreign.issue({ identity: nurse.identity }))).toBe('unknown-issuer');
  });

  test('with a key that is made for connecting is refused', async () => {
    const station = pki.issue({ identity: { kind: 'nurse-station', id: 'station-01' } });
    expect(await refusalOf(station)).toBe('wrong-usage');
  });

  test('is judged at the time that the caller gives', async () => {
    expect(await refusalOf(nurse, nurse.notAfterMs)).not.toBe('expired');
    expect(await refusalOf(nurse, nurse.notAfterMs + 1)).toBe('expired');
    expect(await refusalOf(nurse, nurse.notBeforeMs - 1)).toBe('not-yet-valid');
  });

  test('that was revoked is refused', async () => {
    const gone = pki.issue({ identity: { kind: 'nurse', id: 'nurse-03' } });
    expect(await refusalOf(gone)).toBe('accepted');
    pki.revoke(gone.serialNumber, 'keyCompromise');
    expect(await refusalOf(gone)).toBe('revoked');
  });

  test('who shows a certificate and does not hold its key is refused', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const stolen = {
      ...nurse,
      privateKey: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    };
    expect(await refusalOf(stolen)).toBe('bad-signature');
  });
});
