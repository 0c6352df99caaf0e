import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseCertificate } from '../../../pki/index.ts';
import { decode, encode, integer, oid, time, timeMs } from '../../../pki/x509/der.ts';
import { REVOCATION_REASONS, type RevocationReason, subjectAltName } from '../../../pki/x509/extensions.ts';
import { bench, certify, crlOf, DAY_MS, pumpExtensions, START_MS } from '../workbench.ts';

test('times through 2049 are UTCTime, later ones GeneralizedTime, and both come back', () => {
  for (const [text, type, inDer] of [
    ['2049-12-31T23:59:59Z', 23, '491231235959Z'],
    ['2050-01-01T00:00:00Z', 24, '20500101000000Z'],
    ['1950-01-01T00:00:00Z', 23, '500101000000Z'],
    ['1949-12-31T23:59:59Z', 24, '19491231235959Z'],
  ] as const) {
    const element = time(Date.parse(text));
    expect(element).toMatchObject({ type, value: inDer });
    expect(timeMs(decode(encode(element)), 'time')).toBe(Date.parse(text));
  }
});

test('fractions of a second are cut off, not rounded up', () => {
  expect(time(Date.parse('2026-01-01T00:00:00.999Z')).value).toBe('260101000000Z');
});

test.each(['260230000000Z', '2601010000Z', '260101000000+0100', '261301000000Z', ''])(
  'the time "%s" is not read',
  (text) => {
    expect(() => timeMs({ tagClass: 0, type: 23, constructed: false, value: text }, 'time')).toThrow();
  },
);

test('integers are positive, also where the first bit is set', () => {
  expect(encode(integer(Buffer.from('80ff', 'hex'))).toString('hex')).toBe('02030080ff');
  expect(encode(integer(0)).toString('hex')).toBe('020100');
  expect(encode(integer(256)).toString('hex')).toBe('02020100');
});

test('object identifiers are encoded as in the standards, with arcs of any size', () => {
  expect(encode(oid('sha256WithRsaEncryption')).toString('hex')).toBe('06092a864886f70d01010b');
  // 2.25.<UUID>: 2 * 40 + 25 = 105 = 0x69, then 128 bits in groups of seven.
  const hex = encode(oid('messageSigning')).toString('hex');
  expect(hex.slice(0, 6)).toBe('061469');
  expect(hex).toHaveLength(2 * 22);
});

test('what is read of a certificate is what OpenSSL reads', () => {
  const { pki } = bench();
  const { chainDer } = pki.issue({
    identity: { kind: 'broker', id: 'broker-01' },
    extraNames: ['broker.test', '10.1.2.3', '2001:db8::7', '::ffff:10.0.0.1'],
  });
  for (const der of chainDer) {
    const ours = parseCertificate(der);
    const theirs = new X509Certificate(der);
    expect(ours.serialNumber).toBe(theirs.serialNumber.toLowerCase());
    expect(ours.fingerprint).toBe(theirs.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(ours.notBeforeMs).toBe(Date.parse(theirs.validFrom));
    expect(ours.notAfterMs).toBe(Date.parse(theirs.validTo));
    expect(ours.authority !== null).toBe(theirs.ca);
    expect(ours.spkiDer).toEqual(theirs.publicKey.export({ format: 'der', type: 'spki' }));
  }
  expect(new X509Certificate(chainDer[0]!).subjectAltName).toBe(
    'URI:urn:pumprange:broker:broker-01, DNS:localhost, DNS:broker.test, IP Address:127.0.0.1, ' +
      'IP Address:0:0:0:0:0:0:0:1, IP Address:10.1.2.3, IP Address:2001:DB8:0:0:0:0:0:7, ' +
      'IP Address:0:0:0:0:0:FFFF:A00:1',
  );
});

test('a CRL comes back with every serial number, date and reason', () => {
  const { site } = bench();
  const reasons = Object.keys(REVOCATION_REASONS) as RevocationReason[];
  const entries = reasons.map((reason, index) => ({
    serialNumber: `${index + 1}0ff`.padStart(6, '8'),
    atMs: START_MS - index * DAY_MS,
    reason,
  }));
  const crl = crlOf(site.issuing.devices, { entries });
  expect([...crl.revoked]).toEqual(
    entries.map(({ serialNumber, ...rest }) => [serialNumber, { atMs: rest.atMs, reason: rest.reason }]),
  );
  expect(crl).toMatchObject({ number: 1, thisUpdateMs: START_MS, nextUpdateMs: START_MS + 7 * DAY_MS });
});

test('an extension that is there twice makes a certificate unreadable', () => {
  const { site } = bench();
  const twice = (spki: Buffer) => [
    ...pumpExtensions(site.issuing.devices, spki),
    subjectAltName({ uri: 'urn:pumprange:nurse:nurse-01' }),
  ];
  const der = certify(site.issuing.devices, { extensions: twice });
  expect(() => parseCertificate(der)).toThrow('an extension is there twice');
});

test('bytes after a certificate make it unreadable', () => {
  const { pki } = bench();
  const [der] = pki.issue({ identity: { kind: 'pump', id: 'P' } }).chainDer;
  expect(() => parseCertificate(Buffer.concat([der!, Buffer.of(0)]))).toThrow();
});

test('a length that is written longer than it has to be makes a certificate unreadable', () => {
  const { site } = bench();
  const der = certify(site.issuing.devices);
  expect(der.subarray(0, 2).toString('hex')).toBe('3082');
  const longer = Buffer.concat([Buffer.from('308300', 'hex'), der.subarray(2)]);
  expect(() => parseCertificate(longer)).toThrow('not DER');
});
