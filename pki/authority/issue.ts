import { isIP } from 'node:net';
import { type Identity, isId, isKind, KINDS, PumprangeError, urnOf } from '../../protocol/index.ts';
import { DEFAULT_PROFILES, PROFILE_NAMES, PROFILES, type Profile, type ProfileName } from '../profiles.ts';
import type { KeyAlgorithm } from '../x509/algorithms.ts';
import { COMMON_NAME_MAX, distinguishedName } from '../x509/name.ts';
import { type Authority, organizationOf } from './authority.ts';
import { type CertifiedKey, type CertifyOrder, type Credential, certify, mint } from './mint.ts';
import type { Site } from './site.ts';
import type { StatusAddresses } from './status-extensions.ts';

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
export function issueCredential(
  site: Site,
  request: IssueRequest,
  nowMs: number,
  status?: StatusAddresses,
): Credential {
  const { issuer, order } = ordered(site, request, status);
  return mint(issuer, site.root.certificatePem, order, request.keyAlgorithm ?? 'p256', nowMs);
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
  status?: StatusAddresses,
): CertifiedKey {
  const { issuer, order } = ordered(site, request, status);
  return certify(issuer, site.root.certificatePem, order, spkiDer, nowMs);
}

function ordered(
  site: Site,
  request: CertifyRequest,
  status: StatusAddresses | undefined,
): { issuer: Authority; order: CertifyOrder } {
  const { identity, extraNames = [], lifetimeMs, notBeforeMs } = request;
  const profile = request.profile ?? defaultProfile(identity);
  checkRequest(identity, profile, extraNames);
  const shape = PROFILES[profile];
  const subject = distinguishedName(organizationOf(site.name), urnOf(identity));
  const order = { identity, profile, shape, subject, extraNames, lifetimeMs, notBeforeMs, status };
  return { issuer: site.issuing[shape.issuer], order };
}

/** @throws PumprangeError PR_PKI_NAME for an identity that is none. */
export function defaultProfile(identity: Identity): ProfileName {
  if (!isKind(identity.kind)) {
    throw refuse(`There is no kind "${identity.kind}"; kinds are ${KINDS.join(', ')}`);
  }
  return DEFAULT_PROFILES[identity.kind];
}

function checkRequest(identity: Identity, profileName: ProfileName, extraNames: readonly string[]): void {
  // Typed, but it may come from a command line.
  if (!Object.hasOwn(PROFILES, profileName)) {
    throw refuse(`There is no profile "${profileName}"; profiles are ${PROFILE_NAMES.join(', ')}`);
  }
  const profile: Profile = PROFILES[profileName];
  checkIdentity(identity, profileName, profile);
  if (extraNames.length > 0 && profile.hosts === null) {
    throw refuse(`A ${profileName} certificate carries no host names`);
  }
  for (const name of extraNames) {
    if (isIP(name) === 0 && !HOST_NAME.test(name))
      throw refuse(`"${name}" is neither a host name nor an address`);
  }
}

/** @throws PumprangeError PR_PKI_NAME where such a certificate is not for such a holder. */
export function checkIdentity(identity: Identity, profileName: string, { kinds }: Profile): void {
  if (!isId(identity.id)) {
    throw refuse(`"${identity.id}" is no id: letters, digits, dots, dashes and underscores, at most 64`);
  }
  if (!kinds.includes(identity.kind)) {
    throw refuse(`A ${profileName} certificate is for ${kinds.join(', ')}, not for ${identity.kind}`);
  }
  const tooLong = urnOf(identity).length - COMMON_NAME_MAX;
  if (tooLong > 0) {
    throw refuse(
      `The id "${identity.id}" is ${tooLong} characters too long for the common name of a certificate`,
    );
  }
}

function refuse(detail: string): PumprangeError {
  return new PumprangeError('PR_PKI_NAME', detail);
}
