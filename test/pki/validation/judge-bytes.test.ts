import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJudge } from '../../../pki/index.ts';
import { CertificateCache } from '../../../pki/validation/certificate-cache.ts';
import { parseCrl } from '../../../pki/x509/crl.ts';
import { bench, certify, crlOf, judgeOf, PUMP, START_MS } from '../workbench.ts';

const { pki, site } = bench();
const { chainDer } = pki.issue({ identity: PUMP });
const judge = judgeOf(site, [crlOf(site.root), crlOf(site.issuing.devices)]);

/** Overwrites, inserts and cuts, at places and with bytes that fast-check picks. */
const damage = fc.array(
  fc.record({
    how: fc.constantFrom('overwrite', 'insert', 'cut'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 4 },
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(der: Uint8Array, changes: Damage): Buffer {
  return changes.reduce((bytes, { how, at, bytes: with_ }) => {
    const from = Math.floor(at * bytes.length);
    const keep = how === 'insert' ? from : from + with_.length;
    return Buffer.concat([
      bytes.subarray(0, from),
      how === 'cut' ? Buffer.of() : with_,
      bytes.subarray(keep),
    ]);
  }, Buffer.from(der));
}

test('no bytes make the judge throw, and no damaged leaf is accepted', () => {
  const [leaf, issuer] = chainDer;
  fc.assert(
    fc.property(damage, (changes) => {
      const der = damaged(leaf!, changes);
      if (der.equals(leaf!)) return;
      const verdict = judge([der, issuer!], 'tls-client', START_MS);
      expect(verdict.accepted).toBe(false);
    }),
    { numRuns: 3_000 },
  );
});

test('a damaged certificate after a good leaf makes the judge neither throw nor take it for another', () => {
  const [leaf, issuer] = chainDer;
  fc.assert(
    fc.property(damage, fc.boolean(), (changes, known) => {
      const trust = {
        roots: [site.root.certificate],
        authorities: known ? [site.issuing.devices.certificate] : [],
        revocation: null,
      };
      const der = damaged(issuer!, changes);
      const verdict = createJudge(trust, new CertificateCache(8))([leaf!, der], 'tls-client', START_MS);
      if (verdict.accepted) expect(verdict.identity).toEqual(PUMP);
      if (!known && !der.equals(issuer!)) expect(verdict.accepted).toBe(false);
    }),
    { numRuns: 1_000 },
  );
});

test('arbitrary bytes are malformed', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { minLength: 1, maxLength: 4 }), (chain) => {
      expect(judge(chain, 'tls-server', START_MS)).toMatchObject({ accepted: false, refusal: 'malformed' });
    }),
  );
});

test('deep nesting and false lengths are malformed', () => {
  const nested = Buffer.alloc(15_000, Buffer.of(0x30, 0x80));
  const long = Buffer.from('3084ffffffff', 'hex');
  for (const der of [nested, long, Buffer.from('3080', 'hex'), Buffer.alloc(100_000, 0x30)]) {
    expect(judge([der], 'tls-client', START_MS)).toMatchObject({ refusal: 'malformed' });
  }
});

test('a damaged CRL is never read as another one of the same authority', () => {
  const crl = crlOf(site.issuing.devices);
  fc.assert(
    fc.property(damage, (changes) => {
      const der = damaged(crl.der, changes);
      if (der.equals(crl.der)) return;
      let read: ReturnType<typeof parseCrl>;
      try {
        read = parseCrl(der);
      } catch {
        return;
      }
      const verdict = judgeOf(site, [crlOf(site.root), read])(chainDer, 'tls-client', START_MS);
      expect(verdict).toMatchObject({ refusal: 'revocation-unknown' });
    }),
    { numRuns: 500 },
  );
});

test('the cache is bounded and forgets what was used longest ago', () => {
  const cache = new CertificateCache(3);
  const [a, b, c, d] = Array.from({ length: 4 }, () => certify(site.issuing.devices));
  const read = [a, b, c].map((der) => cache.read(der!));
  expect(cache.read(a!)).toBe(read[0]);
  cache.read(d!);
  expect(cache.size).toBe(3);
  expect(cache.read(a!)).toBe(read[0]);
  expect(cache.read(b!)).not.toBe(read[1]);
});
