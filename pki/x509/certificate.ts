import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import {
  type Asn1,
  content,
  DerError,
  decode,
  encode,
  isContext,
  positiveIntegerHex,
  sequenceElements,
  smallInteger,
  TAG,
  timeMs,
  wholeOctets,
} from './der.ts';
import type { KeyUsage } from './extensions.ts';
import { commonNames, nameText } from './name.ts';
import { type OidName, oidName } from './oids.ts';
import {
  readAuthorityKeyIdentifier,
  readBasicConstraints,
  readExtendedKeyUsage,
  readExtensions,
  readKeyUsage,
  readSubjectKeyIdentifier,
  readUris,
} from './read-extensions.ts';
import { readSigned, type Signed } from './signed.ts';

/** What is read of an X.509 certificate. node-forge's own reader knows RSA only, so the fields are read here. */
export interface Certificate {
  readonly der: Buffer;
  /** SHA-256 of the DER, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** Lower-case hexadecimal. */
  readonly serialNumber: string;
  /** Names as the hexadecimal of their DER: two are the same if these are. */
  readonly issuer: string;
  readonly subject: string;
  readonly issuerText: string;
  readonly subjectText: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly spkiDer: Buffer;
  /** RSA counts from 2,048 to 4,096 bits with a usual exponent, see `ACCEPTED_KEYS`; everything else is `unaccepted`. */
  readonly keyStrength: 'p256' | 'rsa' | 'unaccepted';
  readonly publicKey: () => KeyObject | undefined;
  /** `null` if it is not that of an authority. */
  readonly authority: { readonly pathLength: number | null } | null;
  readonly keyUsage: ReadonlySet<KeyUsage>;
  readonly extendedKeyUsage: ReadonlySet<OidName> | null;
  readonly subjectKeyId: string | null;
  readonly authorityKeyId: string | null;
  readonly uris: readonly string[];
  /** Of the subject. */
  readonly commonNames: readonly string[];
  readonly unknownCritical: string | undefined;
  readonly signed: Signed;
}

/** The keys that are not `unaccepted`, in words, after "neither". */
export const ACCEPTED_KEYS = 'P-256 nor RSA of 2,048 to 4,096 bits (odd exponent from 65,537 to 2^32)';

/** Far above any honest certificate. */
const MAX_BYTES = 16_384;

const UNDERSTOOD: readonly OidName[] = [
  'basicConstraints',
  'keyUsage',
  'extendedKeyUsage',
  'subjectAltName',
  'subjectKeyIdentifier',
  'authorityKeyIdentifier',
];

/** @throws on anything that is not one whole certificate of version 3. */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.byteLength > MAX_BYTES) throw new DerError(`larger than ${MAX_BYTES} bytes`);
  // A copy: what is remembered by its digest must not change under us.
  const bytes = Buffer.from(der);
  const { signed, fields, algorithmDer } = readSigned(bytes);
  const [version, serial, algorithm, issuer, validity, subject, spki, ...optional] = fields;
  if (algorithm === undefined || issuer === undefined || subject === undefined || spki === undefined) {
    throw new DerError('a field is missing');
  }
  const [versionNumber] = isContext(version, 0) && Array.isArray(version.value) ? version.value : [];
  if (smallInteger(versionNumber, 'version') !== 2) throw new DerError('not version 3');
  if (!encode(algorithm).equals(algorithmDer)) throw new DerError('two different signature algorithms');
  const [notBefore, notAfter] = sequenceElements(validity, 'validity');
  const wrapped = optional.find((field) => isContext(field, 3));
  const [list] = wrapped !== undefined && Array.isArray(wrapped.value) ? wrapped.value : [];
  if (list === undefined) throw new DerError('no extensions');
  const { known, unknownCritical } = readExtensions(list, UNDERSTOOD);
  const spkiDer = encode(spki);
  return {
    der: bytes,
    fingerprint: fingerprintOf(bytes),
    serialNumber: positiveIntegerHex(serial, 'serialNumber'),
    issuer: encode(issuer).toString('hex'),
    subject: encode(subject).toString('hex'),
    issuerText: nameText(issuer),
    subjectText: nameText(subject),
    notBeforeMs: timeMs(notBefore, 'notBefore'),
    notAfterMs: timeMs(notAfter, 'notAfter'),
    spkiDer,
    keyStrength: keyStrengthOf(spki),
    publicKey: lazyPublicKey(spkiDer),
    authority: readBasicConstraints(known.get('basicConstraints')),
    keyUsage: readKeyUsage(known.get('keyUsage')),
    extendedKeyUsage: readExtendedKeyUsage(known.get('extendedKeyUsage')),
    subjectKeyId: readSubjectKeyIdentifier(known.get('subjectKeyIdentifier')),
    authorityKeyId: readAuthorityKeyIdentifier(known.get('authorityKeyIdentifier')),
    uris: readUris(known.get('subjectAltName')),
    commonNames: commonNames(subject),
    unknownCritical,
    signed,
  };
}

/** SHA-256, lower-case hexadecimal. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex');
}

/** Which of the accepted strengths a SubjectPublicKeyInfo has. Throws on bytes that are none. */
export function keyStrengthOf(spki: Asn1): Certificate['keyStrength'] {
  const [algorithm, key] = sequenceElements(spki, 'SubjectPublicKeyInfo');
  const [id, parameter] = sequenceElements(algorithm, 'key algorithm');
  const name = oidName(content(id, TAG.oid, 'key algorithm'));
  if (name === 'ecPublicKey' && parameter !== undefined) {
    // An explicit curve is not accepted: only its name [RFC 5480 §2.1.1].
    const named = parameter.type === TAG.oid && typeof parameter.value === 'string' ? parameter.value : '';
    return oidName(named) === 'prime256v1' ? 'p256' : 'unaccepted';
  }
  if (name !== 'rsaEncryption') return 'unaccepted';
  const [modulus, exponent] = sequenceElements(decode(wholeOctets(key, 'subjectPublicKey')), 'RSAPublicKey');
  const bits = BigInt(`0x${positiveIntegerHex(modulus, 'modulus')}`).toString(2).length;
  return bits >= 2048 && bits <= 4096 && isUsualExponent(exponent) ? 'rsa' : 'unaccepted';
}

/**
 * Odd and not below 65,537 [NIST SP 800-56B §6.2]: with an exponent of 1 anybody makes the signatures. Far below what that
 * allows at the other end: a verification takes as long as the exponent is.
 */
function isUsualExponent(exponent: Asn1 | undefined): boolean {
  const value = BigInt(`0x${positiveIntegerHex(exponent, 'publicExponent')}`);
  return value % 2n === 1n && value >= 65_537n && value <= 2n ** 32n;
}

/** The key of a SubjectPublicKeyInfo, read when first asked for; `undefined` if nothing can verify with it. */
export function lazyPublicKey(spkiDer: Buffer): () => KeyObject | undefined {
  let key: KeyObject | undefined;
  let tried = false;
  return () => {
    if (!tried) {
      tried = true;
      try {
        key = createPublicKey({ key: spkiDer, format: 'der', type: 'spki' });
      } catch {
        // A point that is not on the curve: nothing verifies with it.
      }
    }
    return key;
  };
}
