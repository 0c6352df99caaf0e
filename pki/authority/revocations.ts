import type { Clock } from '../../clock/index.ts';
import {
  type EvidenceSink,
  type Identity,
  PumprangeError,
  sameIdentity,
  urnOf,
} from '../../protocol/index.ts';
import type { AuthorityId } from '../profiles.ts';
import type { RevocationReason } from '../x509/extensions.ts';
import type { Authorities } from './authorities.ts';
import type { Authority } from './authority.ts';
import { noteAuthority } from './note-authority.ts';
import type { IssuedCertificate, Register } from './register.ts';

export interface Revocation {
  readonly serialNumber: string;
  readonly fingerprint: string;
  readonly identity: Identity;
}

export interface RevocationsOptions {
  readonly clock: Clock;
  readonly evidence: EvidenceSink;
  readonly register: Register;
  readonly authorities: Authorities;
}

/** What is revoked, and who is told of it. */
export class Revocations {
  readonly #options: RevocationsOptions;
  readonly #listeners = new Set<(revocation: Revocation) => void>();

  constructor(options: RevocationsOptions) {
    this.#options = options;
  }

  /** @returns what ends the listening. */
  onRevoked(listener: (revocation: Revocation) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** See `Pki.revoke`. */
  revoke(which: string | Identity, reason: RevocationReason): readonly Revocation[] {
    const { register, clock } = this.#options;
    const certificates = toRevoke(register, which, clock.now());
    try {
      return this.withdraw(certificates, reason);
    } finally {
      // Of all its certificates that may count, none may be left to revoke: expired, superseded, or never issued.
      const isDecided = typeof which !== 'string' && which.kind === 'pump' && reason !== 'superseded';
      if (isDecided) this.#bar(which);
    }
  }

  /** Revokes these, and tells everybody. */
  withdraw(certificates: readonly IssuedCertificate[], reason: RevocationReason): readonly Revocation[] {
    const { register, clock } = this.#options;
    const atMs = clock.now();
    return this.#announce(certificates, (certificate) => {
      register.revoke(certificate, reason, atMs);
      return reason;
    });
  }

  /** See `Pki.takeUpRevocations`. */
  takeUp(): readonly Revocation[] {
    const { register, authorities, evidence } = this.#options;
    const { certificates, authority } = register.takeUpRevocations();
    const before = authorities.trusted;
    authorities.takeUp(authority);
    const now = authorities.trusted;
    for (const one of now.filter(({ id }) => !has(before, id)))
      noteAuthority(evidence, 'authority.added', one);
    for (const one of before.filter(({ id }) => !has(now, id)))
      noteAuthority(evidence, 'authority.retired', one);
    return this.#announce(certificates, ({ revoked }) => revoked?.reason ?? 'unspecified');
  }

  #bar(pump: Identity): void {
    const { register, clock, evidence } = this.#options;
    if (register.isBarred(pump)) return;
    register.bar(pump, clock.now());
    evidence({
      source: 'pki',
      event: 'identity.barred',
      outcome: 'observed',
      visibility: 'blue',
      subject: urnOf(pump),
      control: 'certificate-revocation',
    });
  }

  /** One after the other to the end, so that a full disk cannot leave one revoked that nobody was told of. */
  #announce(
    certificates: readonly IssuedCertificate[],
    before: (certificate: IssuedCertificate) => string,
  ): readonly Revocation[] {
    const { authorities, evidence } = this.#options;
    const revocations: Revocation[] = [];
    const failures: unknown[] = [];
    for (const certificate of certificates) {
      const { serialNumber, fingerprint, identity, issuer } = certificate;
      const revocation = { serialNumber, fingerprint, identity };
      const cause = before(certificate);
      authorities.outdate(issuer);
      evidence({
        source: 'pki',
        event: 'certificate.revoked',
        outcome: 'observed',
        visibility: 'blue',
        subject: urnOf(identity),
        certificateFingerprint: fingerprint,
        control: 'certificate-revocation',
        cause,
      });
      revocations.push(revocation);
      for (const listener of [...this.#listeners]) {
        try {
          listener(revocation);
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'all is revoked, but not everybody was told');
    return revocations;
  }
}

function has(authorities: readonly Authority[], id: AuthorityId): boolean {
  return authorities.some((one) => one.id === id);
}

/** PR_PKI_UNKNOWN_CERTIFICATE if nothing of the kind was ever issued. */
function toRevoke(register: Register, which: string | Identity, nowMs: number): readonly IssuedCertificate[] {
  if (typeof which === 'string') {
    const certificate = register.find(which.toLowerCase());
    if (certificate === undefined) {
      throw new PumprangeError('PR_PKI_UNKNOWN_CERTIFICATE', `No certificate has the serial number ${which}`);
    }
    return certificate.revoked === null ? [certificate] : [];
  }
  const all = register.all().filter(({ identity }) => sameIdentity(identity, which));
  if (all.length === 0) {
    if (which.kind === 'pump') return [];
    throw new PumprangeError('PR_PKI_UNKNOWN_CERTIFICATE', `No certificate was issued to ${urnOf(which)}`);
  }
  const held = all.filter(({ notAfterMs }) => notAfterMs >= nowMs);
  const own = all.filter(({ defect }) => defect === undefined);
  const newest = own.every(({ notAfterMs }) => notAfterMs < nowMs) ? own.slice(-1) : [];
  return [...newest, ...held].filter(({ revoked }) => revoked === null);
}
