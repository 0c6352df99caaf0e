import type { CertificateRefusal } from '../../protocol/index.ts';

/** A way in which a certificate can be bad, and how it is refused here. */
export interface Defect {
  readonly title: string;
  /** The refusal of our judge; of a posture without `certificate-revocation` nothing refuses `revoked`. */
  readonly refusal: CertificateRefusal;
  /** What it breaks. */
  readonly clause: string;
}

/** Deliberately bad certificates for rehearsals and conformance tests. TEST ONLY, like everything here. */
export const DEFECTS = {
  expired: {
    title: 'ran out two days ago',
    refusal: 'expired',
    clause: 'RFC 5280 §4.1.2.5',
  },
  'not-yet-valid': {
    title: 'begins in a week',
    refusal: 'not-yet-valid',
    clause: 'RFC 5280 §4.1.2.5',
  },
  'wrong-usage': {
    title: 'is for signing code only',
    refusal: 'wrong-usage',
    clause: 'RFC 5280 §4.2.1.12',
  },
  'wrong-ca': {
    title: 'was issued by another site, whose authorities bear the names of ours',
    refusal: 'unknown-issuer',
    clause: 'RFC 5280 §6.1',
  },
  'self-signed': {
    title: 'vouches for itself',
    refusal: 'unknown-issuer',
    clause: 'RFC 5280 §6.1',
  },
  'missing-san': {
    title: 'has no subject alternative name; only its common name says who it is',
    refusal: 'no-identity',
    clause: 'RFC 5280 §4.2.1.6',
  },
  'wrong-san': {
    title: 'has a subject alternative name that is no identity of ours',
    refusal: 'no-identity',
    clause: 'RFC 5280 §4.2.1.6',
  },
  'mismatched-name': {
    title: 'is a pump server by its common name, and another by its subject alternative name',
    refusal: 'name-mismatch',
    clause: 'RFC 9525 §2',
  },
  'path-length-broken': {
    title: 'was issued by an authority below one that may have none below it',
    refusal: 'path-length-exceeded',
    clause: 'RFC 5280 §4.2.1.9',
  },
  'weak-key': {
    title: 'has an RSA key of 1,024 bits, as old pumps have',
    refusal: 'weak-key',
    clause: 'NIST SP 800-131A Rev. 2 §3',
  },
  'weak-digest': {
    title: 'is signed by the right authority, over SHA-1',
    refusal: 'weak-digest',
    clause: 'NIST SP 800-131A Rev. 2 §3',
  },
  revoked: {
    title: 'was revoked for a compromised key',
    refusal: 'revoked',
    clause: 'RFC 5280 §6.3',
  },
  'altered-signature': {
    title: 'had one bit of its signature changed',
    refusal: 'bad-signature',
    clause: 'RFC 5280 §6.1.3 (a)(1)',
  },
} as const satisfies Record<string, Defect>;

export type DefectName = keyof typeof DEFECTS;
export const DEFECT_NAMES = Object.keys(DEFECTS) as readonly DefectName[];

export function isDefectName(text: string): text is DefectName {
  return Object.hasOwn(DEFECTS, text);
}
