import type { Kind } from '../protocol/index.ts';
import type { CertificatePolicy, ExtendedKeyUsage, KeyUsage } from './x509/extensions.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A ward is fast-forwarded through the hours before now, and its certificates must hold in them. */
export const BACKDATED_MS = 24 * HOUR_MS;

/** A CRL holds for seven days and is issued again when asked for after half of them. */
export const CRL_LIFETIME_MS = 7 * DAY_MS;

/**
 * An OCSP answer is good for ten minutes, so that a cached one soon counts no more. The responder that signs it cannot be
 * revoked (`ocsp-nocheck`) and is therefore short-lived itself, and made anew after half of its life.
 */
export const OCSP_LIFETIME_MS = HOUR_MS / 6;
export const OCSP_RESPONDER_LIFETIME_MS = 2 * DAY_MS;

/** Authorities under the root, by whom they certify. Each has path length 0: nothing below them certifies. */
export const ISSUING_ROLES = ['devices', 'services', 'people', 'code-signing'] as const;
export type IssuingRole = (typeof ISSUING_ROLES)[number];
export type ManufacturerRole = 'manufacturer-root' | 'manufacturer';
export type AuthorityRole = 'root' | IssuingRole | ManufacturerRole;

/** An authority by its role, and from the second generation on by its number: `devices`, `devices-2`, … */
export type AuthorityId = AuthorityRole | `${IssuingRole}-${number}`;

export function authorityId(role: AuthorityRole, generation: number): AuthorityId {
  return generation > 1 && isIssuingRole(role) ? `${role}-${generation}` : role;
}

export function isIssuingRole(text: string): text is IssuingRole {
  return (ISSUING_ROLES as readonly string[]).includes(text);
}

/** @returns `undefined` for what is no name of an issuing authority of the second generation or later. */
export function parseGeneration(
  text: string,
): { readonly role: IssuingRole; readonly generation: number } | undefined {
  const [, role = '', number = ''] = /^([a-z-]+)-([2-9]|[1-9]\d{1,3})$/.exec(text) ?? [];
  return isIssuingRole(role) ? { role, generation: Number(number) } : undefined;
}

export interface AuthorityProfile {
  /** Ends the common name. */
  readonly title: string;
  readonly lifetimeMs: number;
  /** Authorities that may follow below it. */
  readonly pathLength: number;
}

/**
 * Certificates of a testbed are short-lived, so that one that leaks is soon worth nothing; those of a manufacturer are not:
 * a pump keeps its birth certificate for life.
 */
export const AUTHORITIES: Readonly<Record<AuthorityRole, AuthorityProfile>> = {
  root: { title: 'Root', lifetimeMs: 2 * 365 * DAY_MS, pathLength: 1 },
  devices: { title: 'Devices CA', lifetimeMs: 365 * DAY_MS, pathLength: 0 },
  services: { title: 'Services CA', lifetimeMs: 365 * DAY_MS, pathLength: 0 },
  people: { title: 'People CA', lifetimeMs: 365 * DAY_MS, pathLength: 0 },
  'code-signing': { title: 'Code Signing CA', lifetimeMs: 365 * DAY_MS, pathLength: 0 },
  'manufacturer-root': { title: 'Root', lifetimeMs: 40 * 365 * DAY_MS, pathLength: 1 },
  manufacturer: { title: 'Birth CA', lifetimeMs: 30 * 365 * DAY_MS, pathLength: 0 },
};

export interface Profile {
  /** Who may have such a certificate. */
  readonly kinds: readonly Kind[];
  readonly issuer: IssuingRole | 'manufacturer';
  readonly keyUsage: readonly KeyUsage[];
  readonly policy: CertificatePolicy;
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly lifetimeMs: number;
  /** Host names and addresses that such a certificate always carries; `null`: it carries none and takes none. */
  readonly hosts: readonly string[] | null;
}

/** Every certificate of these names its holder in a URI and is no authority. */
export const PROFILES = {
  pump: {
    kinds: ['pump'],
    issuer: 'devices',
    keyUsage: ['digitalSignature'],
    policy: 'devicePolicy',
    extendedKeyUsage: ['clientAuth', 'uplinkSigning'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
  broker: {
    kinds: ['broker'],
    issuer: 'services',
    keyUsage: ['digitalSignature'],
    policy: 'servicePolicy',
    extendedKeyUsage: ['serverAuth'],
    lifetimeMs: 30 * DAY_MS,
    hosts: ['localhost', '127.0.0.1', '::1'],
  },
  /** Where pumps enrol: an EST server [RFC 7030]. */
  'est-server': {
    kinds: ['est-server'],
    issuer: 'services',
    keyUsage: ['digitalSignature'],
    policy: 'servicePolicy',
    extendedKeyUsage: ['serverAuth'],
    lifetimeMs: 30 * DAY_MS,
    hosts: ['localhost', '127.0.0.1', '::1'],
  },
  service: {
    kinds: ['nurse-station', 'observer', 'vendor'],
    issuer: 'services',
    keyUsage: ['digitalSignature'],
    policy: 'servicePolicy',
    extendedKeyUsage: ['clientAuth'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
  /** Services that also sign what they send: orders, receipts. */
  'signing-service': {
    kinds: ['pump-server', 'gateway'],
    issuer: 'services',
    keyUsage: ['digitalSignature'],
    policy: 'servicePolicy',
    extendedKeyUsage: ['clientAuth', 'messageSigning'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
  /** People sign and do not connect: a workstation connects for them. */
  person: {
    kinds: ['nurse', 'pharmacist', 'biomed', 'clinical-engineer', 'security'],
    issuer: 'people',
    keyUsage: ['digitalSignature'],
    policy: 'personPolicy',
    extendedKeyUsage: ['messageSigning'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
  'firmware-signer': {
    kinds: ['vendor'],
    issuer: 'code-signing',
    keyUsage: ['digitalSignature'],
    policy: 'codeSigningPolicy',
    extendedKeyUsage: ['codeSigning'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
} as const satisfies Record<string, Profile>;

/**
 * What a pump leaves the works with, an initial device identifier [IEEE 802.1AR §8]: the serial number in the subject, beside
 * the URI, and a life as long as the pump's. (802.1AR asks for a `notAfter` of 9999-12-31; ours ends before its authority
 * does.)
 */
export const BIRTH_PROFILE = {
  kinds: ['pump'],
  issuer: 'manufacturer',
  keyUsage: ['digitalSignature'],
  policy: 'birthPolicy',
  extendedKeyUsage: ['clientAuth'],
  lifetimeMs: 20 * 365 * DAY_MS,
  hosts: null,
} as const satisfies Profile;

export type ProfileName = keyof typeof PROFILES;
/** `birth` is the manufacturer's and never asked for at the site's PKI. */
export type CertificateProfile = ProfileName | 'birth';
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];

/** What is issued where no profile is asked for. */
export const DEFAULT_PROFILES: Readonly<Record<Kind, ProfileName>> = {
  pump: 'pump',
  'pump-server': 'signing-service',
  broker: 'broker',
  'nurse-station': 'service',
  gateway: 'signing-service',
  vendor: 'service',
  observer: 'service',
  'est-server': 'est-server',
  nurse: 'person',
  pharmacist: 'person',
  biomed: 'person',
  'clinical-engineer': 'person',
  security: 'person',
};

/**
 * The purposes that an issuing authority may pass on: those of its profiles. Its own certificate names them, so that a
 * people's authority cannot certify a TLS client, neither for our judge nor for OpenSSL. Each may also pass on its word
 * on the status of what it issued [RFC 6960 §4.2.2.2].
 */
export function purposesOf(role: AuthorityRole): readonly ExtendedKeyUsage[] {
  const passedOn = profilesOf(role).flatMap((one) => one.extendedKeyUsage);
  return [...new Set(passedOn), ...(isIssuingRole(role) ? (['ocspSigning'] as const) : [])];
}

/** The policies that an issuing authority certifies under. */
export function policiesOf(role: AuthorityRole): readonly CertificatePolicy[] {
  return [...new Set(profilesOf(role).map(({ policy }) => policy))];
}

function profilesOf(role: AuthorityRole): readonly Profile[] {
  const profiles: readonly Profile[] = [...Object.values(PROFILES), BIRTH_PROFILE];
  return profiles.filter(({ issuer }) => issuer === role);
}
