import type {
  CertificateRefusal,
  CertificateUse,
  ControlId,
  Identity,
  OnOutage,
  StatusService,
} from '../../protocol/index.ts';
import type { Certificate } from '../x509/certificate.ts';

export interface Refusal {
  readonly refusal: CertificateRefusal;
  readonly detail: string;
  /** What was not known where that is the reason. */
  readonly blind?: BlindDecision;
}

/** What became of a certificate of which not all is known that should be, and with which nothing else is wrong. */
export interface BlindDecision {
  readonly accepted: boolean;
  readonly identity: Identity;
  readonly fingerprint: string;
  readonly use: CertificateUse;
  readonly control: ControlId;
  /** What was not known. */
  readonly cause: string;
}

/** What becomes of judgements while a service is away; the posture declares it. */
export interface Outages {
  readonly onOutage: Readonly<Record<StatusService, OnOutage>>;
  /** Where revocations are learned from. */
  readonly revocationService: 'crl' | 'ocsp';
  /** Whether a service that a judge cannot see for itself is away. */
  readonly isDown: (service: 'certificate-authority' | 'time-server') => boolean;
  /** Told of each decision that was taken without knowing. */
  readonly blind: (decision: BlindDecision) => void;
}

/** A certificate that ran out while no authority was there to renew it is taken for so long, where that fails open. */
export const RENEWAL_GRACE_MS = 7 * 24 * 3_600_000;

interface Judged {
  readonly use: CertificateUse;
  readonly leaf: Certificate;
  readonly identity: Identity;
  readonly date: Refusal | undefined;
  readonly revocation: Refusal | undefined;
}

/** Until when a certificate that has expired is taken nevertheless; `undefined`: it is not. */
export function graceOf(
  { leaf, atMs, date }: Pick<Judged, 'leaf' | 'date'> & { readonly atMs: number },
  outages: Outages | undefined,
): number | undefined {
  const untilMs = leaf.notAfterMs + RENEWAL_GRACE_MS;
  const isMeant =
    outages?.onOutage['certificate-authority'] === 'fail-open' &&
    outages.isDown('certificate-authority') &&
    date?.refusal === 'expired' &&
    // Not one of its authorities.
    atMs > leaf.notAfterMs &&
    atMs <= untilMs;
  return isMeant ? untilMs : undefined;
}

/**
 * Judges a certificate with which nothing else is wrong: refused for want of knowledge where that fails closed; accepted, and
 * told so, where it fails open. Nobody is told yet: another path may know more.
 */
export function forWantOf(
  judged: Judged,
  outages: Outages | undefined,
): Refusal | { readonly blind: readonly BlindDecision[] } {
  const { revocation, date } = judged;
  if (outages === undefined) return revocation ?? { blind: [] };
  const { identity, leaf, use } = judged;
  const about = { identity, fingerprint: leaf.fingerprint, use };
  const blind: BlindDecision[] = [];
  const wants: (Omit<BlindDecision, 'accepted'> & { service: StatusService; refusal: Refusal })[] = [];
  if (outages.isDown('time-server')) {
    const refusal: Refusal = { refusal: 'time-unknown', detail: 'no time server is there' };
    wants.push({ ...about, control: 'mutual-tls', cause: refusal.detail, service: 'time-server', refusal });
  }
  if (revocation !== undefined) {
    const service = outages.revocationService;
    wants.push({
      ...about,
      control: 'certificate-revocation',
      cause: revocation.detail,
      service,
      refusal: revocation,
    });
  }
  for (const { service, refusal, ...decision } of wants) {
    if (outages.onOutage[service] === 'fail-closed') {
      return { ...refusal, blind: { ...decision, accepted: false } };
    }
    blind.push({ ...decision, accepted: true });
  }
  if (date !== undefined) {
    const cause = `${date.detail}, and no authority is there to renew it`;
    blind.push({ ...about, accepted: true, control: 'mutual-tls', cause });
  }
  return { blind };
}
