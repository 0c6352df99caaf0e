import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { type Identity, PumprangeError, urnOf } from '../../protocol/index.ts';
import { BACKDATED_MS, type CertificateProfile, type Profile } from '../profiles.ts';
import { type KeyAlgorithm, keyIdentifierOf, newKeyPair, privateKeyPemOf } from '../x509/algorithms.ts';
import { buildCertificate, newSerialNumber } from '../x509/build-certificate.ts';
import { type Certificate, fingerprintOf } from '../x509/certificate.ts';
import type { Asn1 } from '../x509/der.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../x509/extensions.ts';
import { pemOf } from '../x509/pem.ts';
import type { Authority } from './authority.ts';
import { type StatusAddresses, statusExtensions } from './status-extensions.ts';

/** A certificate, and the authority that issued it; the key is its holder's. */
export interface CertifiedKey {
  readonly identity: Identity;
  readonly profile: CertificateProfile;
  /** The leaf alone. */
  readonly certificatePem: string;
  /** The leaf and the authority that issued it. */
  readonly chainPem: string;
  /** The leaf and the authority that issued it. */
  readonly chainDer: readonly Buffer[];
  readonly rootPem: string;
  /** SHA-256 of the leaf's DER, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** Lower-case hexadecimal. */
  readonly serialNumber: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** A key, and the certificates that say whose it is. */
export interface Credential extends CertifiedKey {
  /** PKCS #8. */
  readonly privateKeyPem: string;
  readonly privateKey: KeyObject;
}

/** What a certificate is to say; all of it has been checked. */
export interface CertifyOrder {
  readonly identity: Identity;
  readonly profile: CertificateProfile;
  readonly shape: Profile;
  readonly subject: Asn1;
  /** More host names and addresses. */
  readonly extraNames: readonly string[];
  /** Counts from `notBeforeMs` if that is given, else from now. Absent: the profile's. */
  readonly lifetimeMs: number | undefined;
  /** Absent: 24 hours before now. */
  readonly notBeforeMs: number | undefined;
  /** Where to ask about it. Absent: it does not say. */
  readonly status?: StatusAddresses | undefined;
}

/** Makes a key and certifies it; throws as `certify` does. */
export function mint(
  issuer: Authority,
  rootPem: string,
  order: CertifyOrder,
  keyAlgorithm: KeyAlgorithm,
  nowMs: number,
): Credential {
  // Before the key: an RSA key takes long, and would be made for nothing.
  validityOf(issuer, order, nowMs);
  const { privateKey, privateKeyPem, spkiDer } = newKeyPair(keyAlgorithm);
  return { ...certify(issuer, rootPem, order, spkiDer, nowMs), privateKeyPem, privateKey };
}

/** Never outlives the authority that issues. */
function validityOf(
  issuer: Authority,
  { shape, lifetimeMs, notBeforeMs: fromMs }: CertifyOrder,
  nowMs: number,
): { readonly notBeforeMs: number; readonly notAfterMs: number } {
  if (nowMs > issuer.certificate.notAfterMs) {
    throw new PumprangeError('PR_PKI_EXPIRED', `${issuer.certificate.subjectText} has expired`);
  }
  const notBeforeMs = fromMs ?? nowMs - BACKDATED_MS;
  const endMs = (fromMs ?? nowMs) + (lifetimeMs ?? shape.lifetimeMs);
  const notAfterMs = Math.min(endMs, issuer.certificate.notAfterMs);
  if (!(notBeforeMs < notAfterMs)) throw new RangeError('a certificate must end after it begins');
  return { notBeforeMs, notAfterMs };
}

/**
 * Certifies a public key as the profile has it. The certificate never outlives the authority that issues it.
 * Throws PR_PKI_EXPIRED where the authority itself has run out.
 */
export function certify(
  issuer: Authority,
  rootPem: string,
  order: CertifyOrder,
  spkiDer: Uint8Array,
  nowMs: number,
): CertifiedKey {
  const { identity, profile, shape } = order;
  const { notBeforeMs, notAfterMs } = validityOf(issuer, order, nowMs);
  const serialNumber = newSerialNumber();
  const hosts = shape.hosts === null ? [] : [...shape.hosts, ...order.extraNames];
  const der = buildCertificate(
    {
      issuer: issuer.name,
      subject: order.subject,
      notBeforeMs,
      notAfterMs,
      spkiDer,
      serialNumber,
      extensions: [
        basicConstraints(null),
        keyUsage(shape.keyUsage),
        extendedKeyUsage(shape.extendedKeyUsage),
        certificatePolicies([shape.policy]),
        subjectAltName({
          uri: urnOf(identity),
          dns: hosts.filter((host) => isIP(host) === 0),
          ip: hosts.filter((host) => isIP(host) !== 0),
        }),
        subjectKeyIdentifier(keyIdentifierOf(spkiDer)),
        authorityKeyIdentifier(issuer.keyId),
        ...statusExtensions(issuer.id, order.status),
      ],
    },
    issuer.privateKey,
  );
  // What is in the certificate, without reading it back: that would take a third of the time of issuing.
  const leaf = {
    der,
    fingerprint: fingerprintOf(der),
    serialNumber: serialNumber.toString('hex'),
    notBeforeMs: wholeSecond(notBeforeMs),
    notAfterMs: wholeSecond(notAfterMs),
  };
  return certifiedKeyOf(rootPem, identity, profile, leaf, issuer);
}

/** Puts together what was certified from its parts. */
export function certifiedKeyOf(
  rootPem: string,
  identity: Identity,
  profile: CertificateProfile,
  certificate: Pick<Certificate, 'der' | 'fingerprint' | 'serialNumber' | 'notBeforeMs' | 'notAfterMs'>,
  issuer: Pick<Authority, 'certificate' | 'certificatePem'>,
): CertifiedKey {
  const certificatePem = pemOf('CERTIFICATE', certificate.der);
  return {
    identity,
    profile,
    certificatePem,
    chainPem: certificatePem + issuer.certificatePem,
    chainDer: [certificate.der, issuer.certificate.der],
    rootPem,
    fingerprint: certificate.fingerprint,
    serialNumber: certificate.serialNumber,
    notBeforeMs: certificate.notBeforeMs,
    notAfterMs: certificate.notAfterMs,
  };
}

/** Adds the key to what it was certified for. */
export function withKey(certifiedKey: CertifiedKey, privateKey: KeyObject): Credential {
  return { ...certifiedKey, privateKeyPem: privateKeyPemOf(privateKey), privateKey };
}

/** Times in certificates are in seconds. */
function wholeSecond(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}
