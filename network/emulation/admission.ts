import { type CertificateJudge, type ControlId, type Identity, urnOf } from '../../protocol/index.ts';
import type { ZonePolicy } from '../plan/policy.ts';
import { identify, type Supplicant } from './credentials.ts';

export interface AdmissionGround {
  readonly segmented: ZonePolicy;
  readonly controls: ReadonlySet<ControlId>;
  readonly judge: CertificateJudge;
  readonly isQuarantined: (identity: Identity) => boolean;
}

export type AdmissionVerdict =
  /** `identity`: as the certificate has it; `undefined` where nobody asked for one. */
  | {
      readonly admitted: true;
      readonly identity: Identity | undefined;
      readonly fingerprint?: string | undefined;
    }
  | {
      readonly admitted: false;
      readonly control: ControlId;
      readonly cause: string;
      readonly identity?: Identity | undefined;
      readonly fingerprint?: string | undefined;
    };

const UNASKED: AdmissionVerdict = { admitted: true, identity: undefined };

/**
 * May somebody join a zone? The one place of `network-admission`, 802.1X with EAP-TLS as SP 1800-8 has it: a certificate that
 * the judge accepts, of a kind that the zone admits, and proof of its key. Without the control a socket in the wall
 * or a password that everybody knows is enough.
 */
export function decideAdmission(
  { segmented, controls, judge, isQuarantined }: AdmissionGround,
  zone: string,
  supplicant: Supplicant,
  challenge: Uint8Array,
  atMs: number,
): AdmissionVerdict {
  if (!controls.has('network-admission')) return UNASKED;
  const admits = segmented.zones.get(zone)?.admits;
  if (admits === 'anybody') return UNASKED;
  const verdict = identify(supplicant, judge, challenge, atMs);
  const { fingerprint } = verdict;
  if (!verdict.accepted) {
    // Revocation is a control of its own; all else that the judge finds, this one asked it for.
    const isRevoked = verdict.control === 'certificate-revocation';
    const control = isRevoked ? verdict.control : 'network-admission';
    return { admitted: false, control, cause: `${verdict.refusal}: ${verdict.detail}`, fingerprint };
  }
  const { identity } = verdict;
  if (admits === undefined || !admits.has(identity.kind)) {
    const cause = `${urnOf(identity)} is not admitted to ${zone}`;
    return { admitted: false, control: 'network-admission', cause, identity, fingerprint };
  }
  if (isQuarantined(identity)) {
    const cause = `${urnOf(identity)} is in quarantine`;
    return { admitted: false, control: 'network-quarantine', cause, identity, fingerprint };
  }
  return { admitted: true, identity, fingerprint };
}
