import { type KeyObject, randomBytes } from 'node:crypto';
import { signatureAlgorithmOf, signedStructure } from './algorithms.ts';
import { type Asn1, decode, explicit, integer, sequence, time } from './der.ts';

export interface CertificateContent {
  readonly issuer: Asn1;
  readonly subject: Asn1;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly spkiDer: Uint8Array;
  readonly extensions: readonly Asn1[];
  readonly serialNumber: Uint8Array;
}

/** @returns the DER of an X.509 v3 certificate [RFC 5280 §4.1], signed with the issuer's key. */
export function buildCertificate(content: CertificateContent, issuerKey: KeyObject): Buffer {
  const algorithm = signatureAlgorithmOf(issuerKey);
  return signedStructure(certificateTbs(content, algorithm), algorithm, issuerKey);
}

/** TBSCertificate: what is signed. */
export function certificateTbs(content: CertificateContent, algorithm: Asn1): Asn1 {
  return sequence(
    explicit(0, integer(2)),
    integer(content.serialNumber),
    algorithm,
    content.issuer,
    sequence(time(content.notBeforeMs), time(content.notAfterMs)),
    content.subject,
    decode(content.spkiDer),
    explicit(3, sequence(...content.extensions)),
  );
}

/**
 * 16 octets, positive, 126 of their bits random: two never meet, so no counter has to be kept or shared between
 * processes. At most 20 octets are allowed [RFC 5280 §4.1.2.2].
 */
export function newSerialNumber(): Buffer {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x7f) | 0x40, 0);
  return serial;
}
