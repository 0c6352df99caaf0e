import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { type Identity, isId, isKind, KINDS, PumprangeError, urnOf } from '../../protocol/index.ts';
import {
  BACKDATED_MS,
  DEFAULT_PROFILES,
  type IssuingRole,
  PROFILE_NAMES,
  PROFILES,
  type Profile,
  type ProfileName,
} from '../profiles.ts';
import { type KeyAlgorithm, keyIdentifierOf, newKeyPair } from '../x509/algorithms.ts';
import { buildCertificate, newSerialNumber } from '../x509/build-certificate.ts';
import { type Certificate, fingerprintOf } from '../x509/certificate.ts';
import type { Asn1 } from '../x509/der.ts';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  crlDistributionPoint,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../x509/extensions.ts';
import { COMMON_NAME_MAX, distinguishedName } from '../x509/name.ts';
import { pemOf } from '../x509/pem.ts';
import type { Authority } from './authority.ts';
import type { Site } from './site.ts';

/** A key, and the certificates that say whose it is. */
export interface Credential {
  readonly identity: Identity;
  readonly profile: ProfileName;
  /** The leaf alone. */
  readonly certificatePem: string;
  /** The leaf and the authority that issued it. */
  readonly chainPem: string;
  /** PKCS #8. */
  readonly privateKeyPem: string;
  readonly privateKey: KeyObject;
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

export interface IssueRequest {
  readonly identity: Identity;
  /** Absent: the one of the identity's kind, see `DEFAULT_PROFILES`. */
  readonly profile?: ProfileName;
  /** Absent: P-256. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /** Counts from `notBeforeMs` if that is given, else from now. Absent: the profile's. */
  readonly lifetimeMs?: number;
  /** Absent: 24 hours before now. */
  readonly notBeforeMs?: number;
  /** More host names and addresses, for a broker. */
  readonly extraNames?: readonly string[];
}

/** Where whoever judges a certificate can ask about it; it then says so itself. */
export interface StatusAddresses {
  readonly ocsp: string;
  readonly crl: (role: IssuingRole) => string;
  readonly certificate: (role: IssuingRole) => string;
}

const HOST_NAME =
  /^(?=.{1,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/**
 * Makes a key and a certificate for it. It never outlives the authority that issues it.
 *
 * Throws PR_PKI_NAME (kind, id, profile or host name that is not allowed) and PR_PKI_EXPIRED (the authority itself has
 * run out).
 */
export function issueCredential(
  site: Site,
  request: IssueRequest,
  nowMs: number,
  status?: StatusAddresses,
): Credential {
  const { identity, keyAlgorithm = 'p256', extraNames = [] } = request;
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

  const { privateKey, spkiDer } = newKeyPair(keyAlgorithm);
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
        ...statusExtensions(profile.issuer, status),
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
  return credentialOf(site, identity, profileName, leaf, issuer, privateKey);
}

function statusExtensions(role: IssuingRole, status: StatusAddresses | undefined): readonly Asn1[] {
  if (status === undefined) return [];
  return [
    crlDistributionPoint(status.crl(role)),
    authorityInfoAccess({ ocsp: status.ocsp, caIssuers: status.certificate(role) }),
  ];
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

/** Puts a credential together from its parts. */
export function credentialOf(
  site: Site,
  identity: Identity,
  profile: ProfileName,
  certificate: Pick<Certificate, 'der' | 'fingerprint' | 'serialNumber' | 'notBeforeMs' | 'notAfterMs'>,
  issuer: Authority,
  privateKey: KeyObject,
): Credential {
  const certificatePem = pemOf('CERTIFICATE', certificate.der);
  return {
    identity,
    profile,
    certificatePem,
    chainPem: certificatePem + issuer.certificatePem,
    privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    privateKey,
    chainDer: [certificate.der, issuer.certificate.der],
    rootPem: site.root.certificatePem,
    fingerprint: certificate.fingerprint,
    serialNumber: certificate.serialNumber,
    notBeforeMs: certificate.notBeforeMs,
    notAfterMs: certificate.notAfterMs,
  };
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
