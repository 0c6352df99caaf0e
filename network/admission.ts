import { verify, X509Certificate } from 'node:crypto';
import type { CertificateJudge, ControlId, Identity } from '../protocol/index.ts';
import { urnOf } from '../protocol/index.ts';
import type { ZonePolicy } from './policy.ts';

/** Whoever asks to be let onto a network, with what it shows of itself. */
export interface Supplicant {
  /** DER, leaf first; empty: it has no certificate. */
  readonly chainDer: readonly Uint8Array[];
  /** Signs with the key of the leaf, ECDSA or RSA over SHA-256. */
  readonly sign: (challenge: Uint8Array) => Uint8Array;
}

export interface AdmissionGround {
  readonly segmented: ZonePolicy;
  readonly controls: ReadonlySet<ControlId>;
  readonly judge: CertificateJudge;
  readonly isQuarantined: (identity: Identity) => boolean;
}

export type AdmissionVerdict =
  /** `identity`: as the certificate has it; `undefined` where nobody asked for one. */
  | { readonly admitted: true; readonly identity: Identity | undefined; readonly fingerprint?: string }
  | {
      readonly admitted: false;
      readonly control: ControlId;
      readonly cause: string;
      readonly identity?: Identity;
      readonly fingerprint?: string;
    };

/**
 * May somebody join a zone? The one place of `network-admission`, 802.1X with EAP-TLS as SP 1800-8 has it: a certificate that
 * the judge accepts, of a kind that the zone admits, and proof of its key. Without the control a socket in the wall
 * or a password that everybody knows is enough.
 */
export function decideAdmission(
  { segmented, controls, judge, isQuarantined }: AdmissionGround,
  zone: string,
  { chainDer, sign }: Supplicant,
  challenge: Uint8Array,
  atMs: number,
): AdmissionVerdict {
  if (!controls.has('network-admission')) return { admitted: true, identity: undefined };
  const admits = segmented.zones.get(zone)?.admits ?? new Set();
  if (admits === 'anybody') return { admitted: true, identity: undefined };
  const control = 'network-admission';
  const [leaf] = chainDer;
  if (leaf === undefined) return { admitted: false, control, cause: 'no certificate was presented' };
  const verdict = judge(chainDer, 'tls-client', atMs);
  if (!verdict.accepted) {
    const { refusal, detail, fingerprint } = verdict;
    const cause = `${refusal}: ${detail}`;
    // Revocation is a control of its own; all else that the judge finds, this one asked it for.
    const by = verdict.control === 'certificate-revocation' ? verdict.control : control;
    return { admitted: false, control: by, cause, ...(fingerprint && { fingerprint }) };
  }
  const { identity, fingerprint } = verdict;
  const refused = (by: ControlId, cause: string): AdmissionVerdict => {
    return { admitted: false, control: by, cause, identity, fingerprint };
  };
  if (!proves(leaf, challenge, sign)) return refused(control, 'it does not hold the key of its certificate');
  if (!admits.has(identity.kind)) return refused(control, `${urnOf(identity)} is not admitted to ${zone}`);
  if (isQuarantined(identity)) return refused('network-quarantine', `${urnOf(identity)} is in quarantine`);
  return { admitted: true, identity, fingerprint };
}

function proves(leaf: Uint8Array, challenge: Uint8Array, sign: Supplicant['sign']): boolean {
  try {
    return verify('sha256', challenge, new X509Certificate(leaf).publicKey, sign(challenge));
  } catch {
    return false; // it has another key, or none that signs
  }
}
