import { X509Certificate } from 'node:crypto';
import { parseCertificate } from '../x509/certificate.ts';
import { parseCrl } from '../x509/crl.ts';
import { type Asn1, content, decode, elements, isContext, sequenceElements, TAG } from '../x509/der.ts';
import { nameText } from '../x509/name.ts';
import type { OidName } from '../x509/oids.ts';
import { printable } from '../x509/printable.ts';
import { readBasicConstraints, readExtensions } from '../x509/read-extensions.ts';
import { keyText, oidText, reading } from './reading.ts';
import type { RequestFacts } from './request-facts.ts';

/** What a certificate says, whoever made it; times in ISO 8601. */
export interface CertificateFacts {
  readonly kind: 'certificate';
  readonly subject: string;
  readonly issuer: string;
  readonly selfSigned: boolean;
  /** As `URI:…`, `DNS:…`, `IP Address:…`. */
  readonly names: readonly string[];
  /** Lower-case hexadecimal. */
  readonly serialNumber: string;
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly key: string;
  readonly signature: string;
  readonly authority: { readonly pathLength: number | null } | null;
  readonly keyUsage: readonly string[];
  /** `null`: it does not say, and is good for anything. */
  readonly purposes: readonly string[] | null;
  readonly policies: readonly string[];
  /** Why our strict reader does not take it at all; `null` if it does. */
  readonly unreadable: string | null;
}

export interface CrlFacts {
  readonly kind: 'crl';
  readonly issuer: string;
  readonly number: number;
  readonly thisUpdate: string;
  readonly nextUpdate: string;
  readonly revoked: readonly {
    readonly serialNumber: string;
    readonly at: string;
    readonly reason: string;
  }[];
}

export type Facts = CertificateFacts | RequestFacts | CrlFacts;

const READ: readonly OidName[] = ['basicConstraints', 'keyUsage', 'extendedKeyUsage', 'certificatePolicies'];

/** All bits, by number [RFC 5280 §4.2.1.3]. */
const KEY_USAGE_BITS = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
] as const;

const SIGNATURES: Partial<Record<OidName, string>> = {
  ecdsaWithSha256: 'ECDSA with SHA-256',
  ecdsaWithSha1: 'ECDSA with SHA-1',
  sha256WithRsaEncryption: 'RSA with SHA-256',
  sha1WithRsaEncryption: 'RSA with SHA-1',
};

/** Reads any certificate that OpenSSL reads. Throws PR_PKI_NO_CERTIFICATE. */
export function certificateFacts(der: Buffer): CertificateFacts {
  return reading('certificate', () => {
    const x509 = new X509Certificate(der);
    const [tbs, algorithm] = sequenceElements(decode(der), 'certificate');
    const [algorithmId] = sequenceElements(algorithm, 'algorithm');
    const known = extensionsIn(tbs);
    return {
      kind: 'certificate',
      subject: oneLine(x509.subject),
      issuer: oneLine(x509.issuer),
      selfSigned: x509.subject === x509.issuer && x509.verify(x509.publicKey),
      names: x509.subjectAltName?.split(', ').map(printable) ?? [],
      serialNumber: x509.serialNumber.toLowerCase(),
      fingerprint: x509.fingerprint256.replaceAll(':', '').toLowerCase(),
      notBefore: new Date(x509.validFrom).toISOString(),
      notAfter: new Date(x509.validTo).toISOString(),
      key: keyText(x509.publicKey),
      signature: signatureText(algorithmId),
      authority: readBasicConstraints(known.get('basicConstraints')),
      keyUsage: keyUsages(known.get('keyUsage')),
      purposes: known.has('extendedKeyUsage') ? oidList(known.get('extendedKeyUsage')) : null,
      policies: sequencesOrNone(known.get('certificatePolicies')).map((policy) =>
        oidText(elements(policy, 'policy')[0]),
      ),
      unreadable: whyUnreadable(der),
    };
  });
}

/** Throws PR_PKI_NO_CERTIFICATE. */
export function crlFacts(der: Buffer): CrlFacts {
  return reading('revocation list', () => {
    const { issuer, number, thisUpdateMs, nextUpdateMs, revoked } = parseCrl(der);
    return {
      kind: 'crl',
      issuer: nameText(decode(Buffer.from(issuer, 'hex'))),
      number,
      thisUpdate: new Date(thisUpdateMs).toISOString(),
      nextUpdate: new Date(nextUpdateMs).toISOString(),
      revoked: [...revoked].map(([serialNumber, { atMs, reason }]) => ({
        serialNumber,
        at: new Date(atMs).toISOString(),
        reason,
      })),
    };
  });
}

function whyUnreadable(der: Buffer): string | null {
  try {
    parseCertificate(der);
    return null;
  } catch (error) {
    return printable(error instanceof Error ? error.message : String(error));
  }
}

/** One line, whatever is in the names: they are a stranger's. */
function oneLine(name: string): string {
  return printable(name.split('\n').join(', ')).slice(0, 300);
}

function signatureText(id: Asn1 | undefined): string {
  const text = oidText(id);
  return SIGNATURES[text as OidName] ?? text;
}

function oidList(list: Asn1 | undefined): string[] {
  return sequencesOrNone(list).map(oidText);
}

function sequencesOrNone(list: Asn1 | undefined): readonly Asn1[] {
  return list === undefined ? [] : sequenceElements(list, 'list');
}

function keyUsages(value: Asn1 | undefined): string[] {
  if (value === undefined) return [];
  const octet = content(value, TAG.bitString, 'keyUsage').charCodeAt(1);
  return KEY_USAGE_BITS.filter((_, number) => (octet & (0x80 >> number)) !== 0);
}

function extensionsIn(tbs: Asn1 | undefined): ReadonlyMap<OidName, Asn1> {
  const wrapped = sequenceElements(tbs, 'content').find((field) => isContext(field, 3));
  const [list] = wrapped === undefined ? [] : elements(wrapped, 'extensions');
  return list === undefined ? new Map() : readExtensions(list, READ).known;
}
