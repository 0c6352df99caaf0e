import { createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto';
import asn1 from 'node-forge/lib/asn1.js';
import { PumprangeError } from '../../protocol/index.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { parseCrl } from '../x509/crl.ts';
import {
  type Asn1,
  content,
  decode,
  elements,
  encode,
  firstInside,
  isContext,
  sequenceElements,
  TAG,
  wholeOctets,
} from '../x509/der.ts';
import { nameText } from '../x509/name.ts';
import { type OidName, oidName } from '../x509/oids.ts';
import { readBasicConstraints, readExtensions } from '../x509/read-extensions.ts';

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

export interface RequestFacts {
  readonly kind: 'request';
  readonly subject: string;
  readonly key: string;
  readonly names: readonly string[];
  /** Whether whoever asks has shown to hold the key. */
  readonly possessionProved: boolean;
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
      names: x509.subjectAltName?.split(', ') ?? [],
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

/** Reads a certificate request [RFC 2986]. Throws PR_PKI_NO_CERTIFICATE. */
export function requestFacts(der: Buffer): RequestFacts {
  return reading('certificate request', () => {
    const [info, algorithm, signature] = sequenceElements(decode(der), 'request');
    const [, subject, spki, attributes] = sequenceElements(info, 'request info');
    if (subject === undefined || spki === undefined) throw new TypeError('a field is missing');
    const key = createPublicKey({ key: encode(spki), format: 'der', type: 'spki' });
    const [algorithmId] = sequenceElements(algorithm, 'algorithm');
    const digest = /sha1/i.test(oidText(algorithmId)) ? 'sha1' : 'sha256';
    return {
      kind: 'request',
      subject: nameText(subject),
      key: keyText(key),
      names: requestedUris(attributes),
      possessionProved: verify(digest, firstInside(der), key, wholeOctets(signature, 'signature')),
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

function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new PumprangeError('PR_PKI_NO_CERTIFICATE', `The ${what} cannot be read: ${String(error)}`, {
      cause: error,
    });
  }
}

function whyUnreadable(der: Buffer): string | null {
  try {
    parseCertificate(der);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** One line, whatever is in the names: they are a stranger's. */
function oneLine(name: string): string {
  return name
    .split('\n')
    .join(', ')
    .replace(/\p{Cc}/gu, '?')
    .slice(0, 300);
}

function keyText(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return `RSA of ${modulusLength} bits`;
  if (namedCurve === 'prime256v1') return 'P-256';
  return namedCurve ?? key.asymmetricKeyType ?? 'unknown';
}

function signatureText(id: Asn1 | undefined): string {
  const text = oidText(id);
  return SIGNATURES[text as OidName] ?? text;
}

function oidText(id: Asn1 | undefined): string {
  const octets = content(id, TAG.oid, 'object identifier');
  return oidName(octets) ?? asn1.derToOid(octets);
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

/** The URIs that a request asks for [RFC 2985 §5.4.2]. */
function requestedUris(attributes: Asn1 | undefined): string[] {
  if (!isContext(attributes, 0) || !Array.isArray(attributes.value)) return [];
  return attributes.value.flatMap((attribute) => {
    const [id, values] = sequenceElements(attribute, 'attribute');
    if (oidText(id) !== 'extensionRequest' || values === undefined) return [];
    const [list] = elements(values, 'attribute values');
    const names =
      list === undefined ? undefined : readExtensions(list, ['subjectAltName']).known.get('subjectAltName');
    return sequencesOrNone(names).flatMap((name) =>
      isContext(name, 6) && typeof name.value === 'string' ? [`URI:${name.value}`] : [],
    );
  });
}
