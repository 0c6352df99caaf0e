import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { type Identity, isId, isKind, KINDS, PumprangeError, urnOf } from '../../protocol/index.ts';
import {
  BACKDATED_MS,
  DEFAULT_PROFILES,
  PROFILE_NAMES,
  PROFILES,
  type Profile,
  type ProfileName,
} from '../profiles.ts';
import { type KeyAlgorithm, keyIdentifierOf, newKeyPair } from '../x509/algorithms.ts';
import { buildCertificate, newSerialNumber } from '../x509/build-certificate.ts';
import { type Certificate, fingerprintOf } from '../x509/certificate.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../x509/extensions.ts';
import { COMMON_NAME_MAX, distinguishedName } from '../x509/name.ts';
import { pemOf } from '../x509/pem.ts';
import type { Authority } from './authority.ts';
import type { Site } from './site.ts';

/** A certificate, and the authority that issued it; the key is its holder's. */
export interface CertifiedKey {
  readonly identity: Identity;
  readonly profile: ProfileName;
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

export interface CertifyRequest {
  readonly identity: Identity;
  /** Absent: the one of the identity's kind, see `DEFAULT_PROFILES`. */
  readonly profile?: ProfileName;
  /** Counts from `notBeforeMs` if that is given, else from now. Absent: the profile's. */
  readonly lifetimeMs?: number;
  /** Absent: 24 hours before now. */
  readonly notBeforeMs?: number;
  /** More host names and addresses, for a broker. */
  readonly extraNames?: readonly string[];
}

export interface IssueRequest extends CertifyRequest {
  /** Absent: P-256. */
  readonly keyAlgorithm?: KeyAlgorithm;
}

const HOST_NAME =
  /^(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Makes a key and certifies it; throws as `certifyKey` does. */
export function issueCredential(site: Site, request: IssueRequest, nowMs: number): Credential {
  // Before the key: an RSA key takes long, and would be made for nothing.
  const planned = planCertificate(site, request, nowMs);
  const { privateKey, spkiDer } = newKeyPair(request.keyAlgorithm ?? 'p256');
  return withKey(certified(site, planned, spkiDer), privateKey);
}

/**
 * Certifies a public key that somebody else made and keeps; that they hold it is the caller's to have seen. The certificate
 * never outlives the authority that issues it.
 *
 * Throws PR_PKI_NAME (kind, id, profile or host name that is not allowed) and PR_PKI_EXPIRED (the authority itself has
 * run out).
 */
export function certifyKey(
  site: Site,
  request: CertifyRequest,
  spkiDer: Uint8Array,
  nowMs: number,
): CertifiedKey {
  return certified(site, planCertificate(site, request, nowMs), spkiDer);
}

interface PlannedCertificate {
  readonly identity: Identity;
  readonly profileName: ProfileName;
  readonly profile: Profile;
  readonly issuer: Authority;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly extraNames: readonly string[];
}

function planCertificate(site: Site, request: CertifyRequest, nowMs: number): PlannedCertificate {
  const { identity, extraNames = [] } = request;
  const profileName = request.profile ?? defaultProfile(identity);
  const profile = checkRequest(identity, profileName, extraNames);
  const issuer = site.issuing[profile.issuer];
  if (nowMs > issuer.certificate.notAfterMs) {
    throw new PumprangeError('PR_PKI_EXPIRED', `${issuer.certificate.subjectText} has expired`);
  }
  const notBeforeMs = request.notBeforeMs ?? nowMs - BACKDATED_MS;
  const endMs = (request.notBeforeMs ?? nowMs) + (request.lifetimeMs ?? profile.lifetimeMs);
  const notAfterMs = Math.min(endMs, issuer.certificate.notAfterMs);
  if (!(notBeforeMs < notAfterMs)) throw new RangeError('a certificate must end after it begins');
  return { identity, profileName, profile, issuer, notBeforeMs, notAfterMs, extraNames };
}

function certified(site: Site, planned: PlannedCertificate, spkiDer: Uint8Array): CertifiedKey {
  const { identity, profileName, profile, issuer, notBeforeMs, notAfterMs, extraNames } = planned;
  const serialNumber = newSerialNumber();
  const urn = urnOf(identity);
  const hosts = profile.hosts === null ? [] : [...profile.hosts, ...extraNames];
  const der = buildCertificate(
    {
      issuer: issuer.name,
      subject: distinguishedName(`${site.name} TEST ONLY`, urn),
      notBeforeMs,
      notAfterMs,
      spkiDer,
      serialNumber,
      extensions: [
        basicConstraints(null),
        keyUsage(['digitalSignature']),
        extendedKeyUsage(profile.extendedKeyUsage),
        subjectAltName({
          uri: urn,
          dns: hosts.filter((host) => isIP(host) === 0),
          ip: hosts.filter((host) => isIP(host) !== 0),
        }),
        subjectKeyIdentifier(keyIdentifierOf(spkiDer)),
        authorityKeyIdentifier(issuer.keyId),
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
  return certifiedKeyOf(site, identity, profileName, leaf, issuer);
}

/** @throws PumprangeError PR_PKI_NAME for an identity that is none. */
export function defaultProfile(identity: Identity): ProfileName {
  if (!isKind(identity.kind)) {
    throw new PumprangeError(
      'PR_PKI_NAME',
      `There is no kind "${identity.kind}"; kinds are ${KINDS.join(', ')}`,
    );
  }
  return DEFAULT_PROFILES[identity.kind];
}

/** Puts together what was certified from its parts. */
export function certifiedKeyOf(
  site: Site,
  identity: Identity,
  profile: ProfileName,
  certificate: Pick<Certificate, 'der' | 'fingerprint' | 'serialNumber' | 'notBeforeMs' | 'notAfterMs'>,
  issuer: Authority,
): CertifiedKey {
  const certificatePem = pemOf('CERTIFICATE', certificate.der);
  return {
    identity,
    profile,
    certificatePem,
    chainPem: certificatePem + issuer.certificatePem,
    chainDer: [certificate.der, issuer.certificate.der],
    rootPem: site.root.certificatePem,
    fingerprint: certificate.fingerprint,
    serialNumber: certificate.serialNumber,
    notBeforeMs: certificate.notBeforeMs,
    notAfterMs: certificate.notAfterMs,
  };
}

/** Adds the key to what it was certified for. */
export function withKey(certifiedKey: CertifiedKey, privateKey: KeyObject): Credential {
  const privateKeyPem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  return { ...certifiedKey, privateKeyPem, privateKey };
}

/** Times in certificates are in seconds. */
function wholeSecond(atMs: number): number {
  return Math.floor(atMs / 1000) * 1000;
}

function checkRequest(identity: Identity, profileName: ProfileName, extraNames: readonly string[]): Profile {
  const refuse = (detail: string): PumprangeError => new PumprangeError('PR_PKI_NAME', detail);
  // Typed, but it may come from a command line.
  if (!Object.hasOwn(PROFILES, profileName)) {
    throw refuse(`There is no profile "${profileName}"; profiles are ${PROFILE_NAMES.join(', ')}`);
  }
  const profile: Profile = PROFILES[profileName];
  if (!isId(identity.id)) {
    throw refuse(`"${identity.id}" is no id: letters, digits, dots, dashes and underscores, at most 64`);
  }
  if (!profile.kinds.includes(identity.kind)) {
    throw refuse(`A ${profileName} certificate is for ${profile.kinds.join(', ')}, not for ${identity.kind}`);
  }
  const tooLong = urnOf(identity).length - COMMON_NAME_MAX;
  if (tooLong > 0) {
    throw refuse(
      `The id "${identity.id}" is ${tooLong} characters too long for the common name of a certificate`,
    );
  }
  if (extraNames.length > 0 && profile.hosts === null) {
    throw refuse(`A ${profileName} certificate carries no host names`);
  }
  for (const name of extraNames) {
    if (isIP(name) === 0 && !HOST_NAME.test(name))
      throw refuse(`"${name}" is neither a host name nor an address`);
  }
  return profile;
}
