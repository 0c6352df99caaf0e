import type { Kind } from '../protocol/index.ts';
import type { ExtendedKeyUsage } from './x509/extensions.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A ward is fast-forwarded through the hours before now, and its certificates must hold in them. */
export const BACKDATED_MS = 24 * HOUR_MS;

/** Certificates of a testbed are short-lived, so that one that leaks is soon worth nothing. */
export const ROOT_LIFETIME_MS = 2 * 365 * DAY_MS;
export const ISSUING_LIFETIME_MS = 365 * DAY_MS;

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
export type AuthorityRole = 'root' | IssuingRole;

export interface Profile {
  /** Who may have such a certificate. */
  readonly kinds: readonly Kind[];
  readonly issuer: IssuingRole;
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly lifetimeMs: number;
  /** Host names and addresses that such a certificate always carries; `null`: it carries none and takes none. */
  readonly hosts: readonly string[] | null;
}

/** Every certificate of these may sign (`digitalSignature`), names its holder in a URI, and is no authority. */
export const PROFILES = {
  pump: {
    kinds: ['pump'],
    issuer: 'devices',
    extendedKeyUsage: ['clientAuth'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
  broker: {
    kinds: ['broker'],
    issuer: 'services',
    extendedKeyUsage: ['serverAuth'],
    lifetimeMs: 30 * DAY_MS,
    hosts: ['localhost', '127.0.0.1', '::1'],
  },
  service: {
    kinds: ['nurse-station', 'observer', 'vendor'],
    issuer: 'services',
    extendedKeyUsage: ['clientAuth'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
  /** Services that also sign what they send: orders, receipts. */
  'signing-service': {
    kinds: ['pump-server', 'gateway'],
    issuer: 'services',
    extendedKeyUsage: ['clientAuth', 'messageSigning'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
  /** People sign and do not connect: a workstation connects for them. */
  person: {
    kinds: ['nurse', 'pharmacist', 'biomed', 'security'],
    issuer: 'people',
    extendedKeyUsage: ['messageSigning'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
  'firmware-signer': {
    kinds: ['vendor'],
    issuer: 'code-signing',
    extendedKeyUsage: ['codeSigning'],
    lifetimeMs: 30 * DAY_MS,
    hosts: null,
  },
} as const satisfies Record<string, Profile>;

export type ProfileName = keyof typeof PROFILES;
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
  nurse: 'person',
  pharmacist: 'person',
  biomed: 'person',
  security: 'person',
};

/**
 * The purposes that an issuing authority may pass on: those of its profiles. Its own certificate names them, so that a
 * people's authority cannot certify a TLS client, neither for our judge nor for OpenSSL. Each may also pass on its word
 * on the status of what it issued [RFC 6960 §4.2.2.2].
 */
export function purposesOf(role: IssuingRole): readonly ExtendedKeyUsage[] {
  const profiles: readonly Profile[] = Object.values(PROFILES);
  return [
    ...new Set(profiles.filter(({ issuer }) => issuer === role).flatMap((one) => one.extendedKeyUsage)),
    'ocspSigning',
  ];
}
