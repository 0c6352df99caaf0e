import { isIPv4 } from 'node:net';
import {
  type Asn1,
  bitString,
  boolean,
  encode,
  enumerated,
  implicit,
  implicitSequence,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
} from './der.ts';
import type { OidName } from './oids.ts';

/** Bits of the key usage, by number [RFC 5280 §4.2.1.3]. */
export const KEY_USAGES = {
  digitalSignature: 0,
  keyCertSign: 5,
  cRLSign: 6,
} as const;
export type KeyUsage = keyof typeof KEY_USAGES;

/** Sorts of holders that certificates are issued to, as policies. */
export type CertificatePolicy = Extract<OidName, `${string}Policy`>;

export type ExtendedKeyUsage = Extract<
  OidName,
  'serverAuth' | 'clientAuth' | 'codeSigning' | 'messageSigning' | 'uplinkSigning' | 'ocspSigning'
>;

/** Reasons of a revocation with their codes [RFC 5280 §5.3.1]; `removeFromCRL` belongs to delta CRLs only. */
export const REVOCATION_REASONS = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;
export type RevocationReason = keyof typeof REVOCATION_REASONS;

function extension(name: OidName, critical: boolean, value: Asn1): Asn1 {
  return sequence(oid(name), critical ? boolean(true) : undefined, octetString(encode(value)));
}

/** Critical, and for an authority with its path length [RFC 5280 §4.2.1.9]. */
export function basicConstraints(pathLength: number | null): Asn1 {
  return extension(
    'basicConstraints',
    true,
    pathLength === null ? sequence() : sequence(boolean(true), integer(pathLength)),
  );
}

export function keyUsage(usages: readonly KeyUsage[]): Asn1 {
  const numbers = usages.map((usage) => KEY_USAGES[usage]);
  const octet = numbers.reduce<number>((bits, number) => bits | (0x80 >> number), 0);
  // A list of named bits carries no trailing zeros [X.690 §11.2.2].
  return extension('keyUsage', true, bitString(Buffer.of(octet), 7 - Math.max(...numbers)));
}

export function extendedKeyUsage(purposes: readonly ExtendedKeyUsage[]): Asn1 {
  return extension('extendedKeyUsage', false, sequence(...purposes.map(oid)));
}

export function certificatePolicies(policies: readonly CertificatePolicy[]): Asn1 {
  return extension(
    'certificatePolicies',
    false,
    sequence(...policies.map((policy) => sequence(oid(policy)))),
  );
}

export function subjectKeyIdentifier(id: Uint8Array): Asn1 {
  return extension('subjectKeyIdentifier', false, octetString(id));
}

export function authorityKeyIdentifier(id: Uint8Array): Asn1 {
  return extension('authorityKeyIdentifier', false, sequence(implicit(0, id)));
}

export interface AlternativeNames {
  readonly uri: string;
  readonly dns?: readonly string[];
  /** IPv4 or IPv6, in text. */
  readonly ip?: readonly string[];
}

export function subjectAltName(names: AlternativeNames): Asn1 {
  return extension(
    'subjectAltName',
    false,
    sequence(
      uniformResourceIdentifier(names.uri),
      ...(names.dns ?? []).map((name) => implicit(2, Buffer.from(name, 'ascii'))),
      ...(names.ip ?? []).map((address) => implicit(7, addressOctets(address))),
    ),
  );
}

/** Where the CRL of the issuer is served: one point, by its full name [RFC 5280 §4.2.1.13]. */
export function crlDistributionPoint(uri: string): Asn1 {
  const fullName = implicitSequence(0, uniformResourceIdentifier(uri));
  return extension('crlDistributionPoints', false, sequence(sequence(implicitSequence(0, fullName))));
}

/** Where to ask for the status of a certificate, and where its issuer's is [RFC 5280 §4.2.2.1]. */
export function authorityInfoAccess(uris: { readonly ocsp: string; readonly caIssuers: string }): Asn1 {
  return extension(
    'authorityInfoAccess',
    false,
    sequence(
      sequence(oid('ocsp'), uniformResourceIdentifier(uris.ocsp)),
      sequence(oid('caIssuers'), uniformResourceIdentifier(uris.caIssuers)),
    ),
  );
}

/** Nobody need ask whether a responder itself was revoked [RFC 6960 §4.2.2.2.1]. */
export function ocspNoCheck(): Asn1 {
  return extension('ocspNoCheck', false, nothing());
}

/** Binds an answer to its question [RFC 8954 §2.1]. */
export function ocspNonce(nonce: Uint8Array): Asn1 {
  return extension('ocspNonce', false, octetString(nonce));
}

export function crlNumber(number: number): Asn1 {
  return extension('crlNumber', false, integer(number));
}

export function reasonCode(reason: RevocationReason): Asn1 {
  return extension('reasonCode', false, enumerated(REVOCATION_REASONS[reason]));
}

function uniformResourceIdentifier(uri: string): Asn1 {
  return implicit(6, Buffer.from(uri, 'ascii'));
}

/** Four or sixteen octets [RFC 5280 §4.2.1.6]. The text has been checked to be an address. */
function addressOctets(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // The URL parser writes an IPv4 tail and leading zeros in the plain form of RFC 5952.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [left = '', right] = plain.split('::');
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const head = groups(left);
  const tail = groups(right);
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const octets = [...head, ...gap, ...tail].map((group) => Number.parseInt(group, 16));
  return Buffer.from(octets.flatMap((group) => [group >> 8, group & 0xff]));
}
