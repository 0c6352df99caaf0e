import { createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { createJudge, createMemoryPki } from '../../../pki/index.ts';
import { crlSource } from '../../../pki/validation/revocation-source.ts';
import { keyIdentifierOf, newKeyPair } from '../../../pki/x509/algorithms.ts';
import {
  bitString,
  boolean,
  encode,
  firstInside,
  octetString,
  oid,
  sequence,
  sequenceOf,
} from '../../../pki/x509/der.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../../pki/x509/extensions.ts';
import { distinguishedName } from '../../../pki/x509/name.ts';
import {
  bench,
  certify,
  crlOf,
  DAY_MS,
  judgeOf,
  PUMP,
  pumpExtensions,
  START_MS,
  serialOf,
} from '../workbench.ts';

const { clock, site } = bench();
const { devices, people } = site.issuing;
const judge = judgeOf(site, null);
const good = certify(devices);

function withExtension(...replace: Parameters<typeof pumpExtensions>[2] & object) {
  return certify(devices, { extensions: (spki) => pumpExtensions(devices, spki, replace) });
}

test('a good certificate is accepted with or without its authority beside it', () => {
  const accepted = { accepted: true, identity: PUMP, serialNumber: serialOf(good) };
  expect(judge([good], 'tls-client', START_MS)).toMatchObject(accepted);
  expect(judge([good, devices.certificate.der], 'tls-client', START_MS)).toMatchObject(accepted);
  expect(
    judge([good, devices.certificate.der, site.root.certificate.der], 'tls-client', START_MS),
  ).toMatchObject(accepted);
});

test('an authority that nobody knows is taken from the presented chain', () => {
  const onlyRoot = judgeOf({ ...site, issuing: {} as typeof site.issuing }, null);
  expect(onlyRoot([good, devices.certificate.der], 'tls-client', START_MS).accepted).toBe(true);
  expect(onlyRoot([good], 'tls-client', START_MS)).toMatchObject({ refusal: 'unknown-issuer' });
});

test('the order of what is presented after the leaf does not matter', () => {
  const chain = [good, people.certificate.der, site.root.certificate.der, devices.certificate.der];
  expect(judge(chain, 'tls-client', START_MS).accepted).toBe(true);
});

const foreign = createMemoryPki({ clock, name: 'Elsewhere' }).issue({ identity: PUMP }).chainDer;
const sameName = createMemoryPki({ clock }).issue({ identity: PUMP }).chainDer;
const own = newKeyPair('p256');
const selfSigned = certify(
  { ...devices, name: distinguishedName('Test', 'self') },
  { subject: distinguishedName('Test', 'self'), keyPair: own, signWith: own.privateKey },
);
const altered = Buffer.from(good);
altered.writeUInt8(altered.readUInt8(altered.length - 1) ^ 1, altered.length - 1);
const leafKey = newKeyPair('p256');
const leafName = distinguishedName('Test', 'urn:pumprange:pump:LVP-0001');
const leaf = certify(devices, { keyPair: leafKey, subject: leafName });
const issuedByLeaf = certify({
  ...devices,
  name: leafName,
  keyId: keyIdentifierOf(leafKey.spkiDer),
  privateKey: leafKey.privateKey,
});
const subKey = newKeyPair('p256');
const subName = distinguishedName('Test', 'an authority below an authority');
const sub = certify(devices, {
  subject: subName,
  keyPair: subKey,
  extensions: (spki) => [
    basicConstraints(0),
    keyUsage(['keyCertSign']),
    subjectKeyIdentifier(keyIdentifierOf(spki)),
    authorityKeyIdentifier(devices.keyId),
  ],
});
const issuedBySub = certify({
  ...devices,
  name: subName,
  keyId: keyIdentifierOf(subKey.spkiDer),
  privateKey: subKey.privateKey,
});
const mayNotCertify = certify(devices, {
  subject: subName,
  keyPair: subKey,
  extensions: (spki) => [
    basicConstraints(0),
    keyUsage(['cRLSign']),
    subjectKeyIdentifier(keyIdentifierOf(spki)),
    authorityKeyIdentifier(devices.keyId),
  ],
});
const uri = (text: string) => withExtension(subjectAltName({ uri: text }));
const unknownCritical = sequence(oid('reasonCode'), boolean(true), octetString(Buffer.of(5, 0)));

test.each([
  ['no certificate', 'no-certificate', []],
  ['bytes that are none', 'malformed', [Buffer.from('hello')]],
  ['no bytes', 'malformed', [Buffer.alloc(0)]],
  ['rubbish after the leaf', 'malformed', [good, Buffer.from('hello')]],
  ['an endless chain', 'malformed', Array.from({ length: 7 }, () => good)],
  ['a critical extension that is not understood', 'malformed', [withExtension(unknownCritical)]],
  ['another PKI', 'unknown-issuer', foreign],
  ['another PKI of the same name', 'unknown-issuer', sameName],
  ['a self-signed certificate', 'unknown-issuer', [selfSigned]],
  ['a signature that was altered', 'bad-signature', [altered]],
  ['a signature by another key', 'bad-signature', [certify(devices, { signWith: people.privateKey })]],
  ['a date to come', 'not-yet-valid', [certify(devices, { notBeforeMs: START_MS + 1_000 })]],
  ['a date gone by', 'expired', [certify(devices, { notAfterMs: START_MS - 1_000 })]],
  ['no purpose', 'wrong-usage', [withExtension(extendedKeyUsage([]))]],
  ['another purpose', 'wrong-usage', [withExtension(extendedKeyUsage(['serverAuth']))]],
  ['a key that may not sign', 'wrong-usage', [withExtension(keyUsage(['cRLSign']))]],
  ['a client issued by the people’s authority', 'wrong-usage', [certify(people)]],
  ['an authority as a client', 'wrong-usage', [devices.certificate.der]],
  ['an authority that names a holder, as a client', 'wrong-usage', [withExtension(basicConstraints(0))]],
  ['the root as a client', 'wrong-usage', [site.root.certificate.der]],
  ['a pump that plays authority', 'wrong-usage', [issuedByLeaf, leaf]],
  ['an authority whose key may not certify', 'wrong-usage', [issuedBySub, mayNotCertify]],
  ['an authority below an issuing authority', 'path-length-exceeded', [issuedBySub, sub]],
  ['no identity', 'no-identity', [uri('urn:other:pump:LVP-0001')]],
  ['an identity of no kind', 'no-identity', [uri('urn:pumprange:plumber:LVP-0001')]],
  ['an identity with rubbish in it', 'no-identity', [uri('urn:pumprange:pump:LVP-0001:x')]],
  ['an identity in capitals', 'no-identity', [uri('URN:PUMPRANGE:pump:LVP-0001')]],
] as const)('%s is refused as %s by mutual TLS', (_, refusal, chain) => {
  expect(judge(chain, 'tls-client', START_MS)).toMatchObject({
    accepted: false,
    control: 'mutual-tls',
    refusal,
  });
});

test('two identities in one certificate are none, also where one hides in capitals', () => {
  for (const second of ['urn:pumprange:nurse:n-01', 'URN:Pumprange:nurse:n-01']) {
    // Two GeneralNames [6] in one extension.
    const names = sequence(
      ...['urn:pumprange:pump:LVP-0001', second].map((text) => ({
        tagClass: 0x80,
        type: 6,
        constructed: false,
        value: text,
      })),
    );
    const extension = sequence(oid('subjectAltName'), octetString(encode(names)));
    expect(judge([withExtension(extension)], 'tls-client', START_MS)).toMatchObject({
      refusal: 'no-identity',
    });
  }
});

test('a digest other than SHA-256 is refused, however well it is signed', () => {
  // ecdsa-with-SHA384 differs from ecdsa-with-SHA256 in its last octet only [RFC 5758 §3.2].
  const algorithm = Buffer.from('300a06082a8648ce3d040303', 'hex');
  const tbs = Buffer.from(firstInside(good));
  algorithm.copy(tbs, tbs.indexOf('300a06082a8648ce3d040302', 'hex'));
  const signature = sign('sha384', tbs, devices.privateKey);
  const der = sequenceOf(tbs, algorithm, encode(bitString(signature)));
  expect(new X509Certificate(der).verify(createPublicKey(devices.certificatePem))).toBe(true);
  expect(judge([der], 'tls-client', START_MS)).toMatchObject({ refusal: 'bad-signature' });
});

test('a weak key is refused', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const spkiDer = publicKey.export({ format: 'der', type: 'spki' });
  const weakKey = certify(devices, { keyPair: { privateKey, spkiDer } });
  expect(judge([weakKey], 'tls-client', START_MS)).toMatchObject({ refusal: 'weak-key' });
});

test('both ends of the validity are inside it', () => {
  const der = certify(devices, { notBeforeMs: START_MS, notAfterMs: START_MS + 1_000 });
  const refusalAt = (atMs: number) => {
    const verdict = judge([der], 'tls-client', atMs);
    return verdict.accepted ? null : verdict.refusal;
  };
  expect(refusalAt(START_MS - 1)).toBe('not-yet-valid');
  expect(refusalAt(START_MS)).toBeNull();
  expect(refusalAt(START_MS + 1_000)).toBeNull();
  expect(refusalAt(START_MS + 1_001)).toBe('expired');
  expect(refusalAt(Number.NaN)).toBe('expired');
});

test('an authority that has expired takes what it issued with it', () => {
  const der = certify(devices, { notAfterMs: START_MS + 1_000 * DAY_MS });
  const verdict = judge([der], 'tls-client', START_MS + 366 * DAY_MS);
  expect(verdict).toMatchObject({ refusal: 'expired', detail: expect.stringContaining('Devices CA') });
});

test('a refusal names the control of the use, and the certificate', () => {
  for (const [use, control] of [
    ['tls-client', 'mutual-tls'],
    ['tls-server', 'server-identity'],
    ['message-signing', 'signed-commands'],
    ['uplink-signing', 'signed-uplink'],
    ['code-signing', 'signed-firmware'],
  ] as const) {
    const verdict = judge(sameName, use, START_MS);
    expect(verdict).toMatchObject({
      accepted: false,
      control,
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  }
});

const rootCrl = crlOf(site.root);
const devicesCrl = crlOf(devices);
const revokedBy = (der: Buffer) => ({
  serialNumber: serialOf(der),
  atMs: START_MS,
  reason: 'superseded' as const,
});

test.each([
  ['no CRLs at all', []],
  ['none of the leaf’s authority', [rootCrl]],
  ['none of the root', [devicesCrl]],
  ['one that has expired', [rootCrl, crlOf(devices, { nextUpdateMs: START_MS - 1_000 })]],
  ['one that another key signed', [rootCrl, crlOf(devices, { signWith: people.privateKey })]],
  ['one of another authority', [rootCrl, crlOf(people)]],
] as const)('with %s, nobody is let in', (_, crls) => {
  expect(judgeOf(site, crls)([good], 'tls-client', START_MS)).toMatchObject({
    refusal: 'revocation-unknown',
    control: 'certificate-revocation',
  });
});

test('with a current CRL of every authority a certificate that is in none is accepted', () => {
  expect(judgeOf(site, [rootCrl, devicesCrl])([good], 'tls-client', START_MS).accepted).toBe(true);
});

test('CRLs that cannot be had refuse rather than fail', () => {
  const broken = createJudge({
    roots: [site.root.certificate],
    authorities: [devices.certificate],
    revocation: crlSource(() => {
      throw new Error('no disk');
    }),
  });
  expect(broken([good], 'tls-client', START_MS)).toMatchObject({ refusal: 'revocation-unknown' });
});

test('a revoked authority takes what it issued with it', () => {
  const crls = [crlOf(site.root, { entries: [revokedBy(devices.certificate.der)] }), devicesCrl];
  expect(judgeOf(site, crls)([good], 'tls-client', START_MS)).toMatchObject({ refusal: 'revoked' });
});

test('a CRL that has expired still convicts', () => {
  const crls = [rootCrl, crlOf(devices, { entries: [revokedBy(good)], nextUpdateMs: START_MS - 1_000 })];
  expect(judgeOf(site, crls)([good], 'tls-client', START_MS)).toMatchObject({ refusal: 'revoked' });
});

test('revoked is said before expired and before wrong usage; revocation unknown after both', () => {
  const expired = certify(devices, { notAfterMs: START_MS - 1_000 });
  const crls = [rootCrl, crlOf(devices, { entries: [revokedBy(expired), revokedBy(good)] })];
  expect(judgeOf(site, crls)([expired], 'tls-client', START_MS)).toMatchObject({ refusal: 'revoked' });
  expect(judgeOf(site, crls)([good], 'tls-server', START_MS)).toMatchObject({ refusal: 'revoked' });
  expect(judgeOf(site, [])([expired], 'tls-client', START_MS)).toMatchObject({ refusal: 'expired' });
  expect(judgeOf(site, [])([good], 'tls-server', START_MS)).toMatchObject({ refusal: 'wrong-usage' });
});
