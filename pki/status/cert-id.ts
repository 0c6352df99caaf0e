import { createHash } from 'node:crypto';
import type { Certificate } from '../x509/certificate.ts';
import {
  type Asn1,
  decode,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
  sequenceElements,
  wholeOctets,
} from '../x509/der.ts';
import type { CertId } from './ocsp-request.ts';

/** Digests of an issuer's name and of its key without the key's header [RFC 6960 §4.1.1]. */
export interface IssuerHashes {
  readonly name: Buffer;
  readonly key: Buffer;
}

const remembered = new WeakMap<Certificate, Partial<Record<'sha1' | 'sha256', IssuerHashes>>>();

/** SHA-1 names an issuer here and proves nothing [RFC 5019 §2.1.1 has every client use it]. */
export function issuerHashes(issuer: Certificate, hash: 'sha1' | 'sha256'): IssuerHashes {
  const known = remembered.get(issuer) ?? {};
  remembered.set(issuer, known);
  const found = known[hash];
  if (found !== undefined) return found;
  const [, key] = sequenceElements(decode(issuer.spkiDer), 'SubjectPublicKeyInfo');
  const digest = (bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest();
  const hashes = {
    name: digest(Buffer.from(issuer.subject, 'hex')),
    key: digest(wholeOctets(key, 'subjectPublicKey')),
  };
  known[hash] = hashes;
  return hashes;
}

/** Whether this is the issuer that a CertID means. */
export function isIssuerOf(issuer: Certificate, { hash, issuerNameHash, issuerKeyHash }: CertId): boolean {
  if (hash === undefined) return false;
  const { name, key } = issuerHashes(issuer, hash);
  return name.equals(issuerNameHash) && key.equals(issuerKeyHash);
}

/** The CertID of a certificate, with SHA-1 as RFC 5019 §2.1.1 has it. */
export function certIdOf(serialNumber: string, issuer: Certificate): Asn1 {
  const { name, key } = issuerHashes(issuer, 'sha1');
  return sequence(
    sequence(oid('sha1'), nothing()),
    octetString(name),
    octetString(key),
    integer(Buffer.from(serialNumber, 'hex')),
  );
}
