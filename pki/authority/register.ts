import { z } from 'zod';
import { type Identity, parseUrn, urnOf, urnSchema } from '../../protocol/index.ts';
import {
  type AuthorityRole,
  ISSUING_ROLES,
  type IssuingRole,
  PROFILE_NAMES,
  PROFILES,
  type ProfileName,
} from '../profiles.ts';
import { type Records, records } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../x509/extensions.ts';
import type { Credential } from './issue.ts';

const hex = z.string().regex(/^[0-9a-f]+$/);

const issuedSchema = z.strictObject({
  serialNumber: hex,
  fingerprint: hex,
  identity: urnSchema,
  profile: z.enum(PROFILE_NAMES as [ProfileName, ...ProfileName[]]),
  issuer: z.enum(ISSUING_ROLES),
  issuedAtMs: z.number(),
  notBeforeMs: z.number(),
  notAfterMs: z.number(),
});
type Issued = z.infer<typeof issuedSchema>;

const revokedSchema = z.strictObject({
  serialNumber: hex,
  issuer: z.enum(ISSUING_ROLES),
  atMs: z.number(),
  reason: z.enum(Object.keys(REVOCATION_REASONS) as [RevocationReason, ...RevocationReason[]]),
});
export type Revoked = z.infer<typeof revokedSchema>;

/** A certificate that was issued, as the register has it. */
export interface IssuedCertificate {
  readonly serialNumber: string;
  readonly fingerprint: string;
  readonly identity: Identity;
  readonly profile: ProfileName;
  readonly issuer: IssuingRole;
  readonly issuedAtMs: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly revoked: { readonly atMs: number; readonly reason: RevocationReason } | null;
}

/** What was issued and what was revoked. */
export class Register {
  readonly #issued: Records<Issued>;
  readonly #revoked: Records<Revoked>;

  constructor(store: Store) {
    this.#issued = records<Issued>(store, 'issued', issuedSchema, false);
    this.#revoked = records<Revoked>(store, 'revoked', revokedSchema, true);
  }

  add(credential: Credential, issuedAtMs: number): void {
    const { serialNumber, fingerprint, identity, profile, notBeforeMs, notAfterMs } = credential;
    this.#issued.put({
      serialNumber,
      fingerprint,
      identity: urnOf(identity),
      profile,
      issuer: PROFILES[profile].issuer,
      issuedAtMs,
      notBeforeMs,
      notAfterMs,
    });
  }

  find(serialNumber: string): IssuedCertificate | undefined {
    const issued = this.#issued.get(serialNumber);
    return issued === undefined ? undefined : this.#withRevocation(issued);
  }

  /** By time of issue. */
  all(): readonly IssuedCertificate[] {
    return this.#issued
      .all()
      .map((issued) => this.#withRevocation(issued))
      .sort((a, b) => a.issuedAtMs - b.issuedAtMs);
  }

  revoke(certificate: IssuedCertificate, reason: RevocationReason, atMs: number): void {
    const { serialNumber, issuer } = certificate;
    this.#revoked.put({ serialNumber, issuer, atMs, reason });
  }

  /** Reads what another process on the same folder has issued and revoked since. @returns what was revoked. */
  takeUpRevocations(): readonly IssuedCertificate[] {
    const fresh = this.#revoked.takeUp();
    this.#issued.takeUp();
    return fresh.flatMap(({ serialNumber }) => this.find(serialNumber) ?? []);
  }

  revokedBy(role: AuthorityRole): readonly Revoked[] {
    return this.#revoked.all().filter(({ issuer }) => issuer === role);
  }

  #withRevocation(issued: Issued): IssuedCertificate {
    const identity = parseUrn(issued.identity);
    // The schema has held it to the form.
    if (identity === undefined) throw new TypeError(`${issued.identity} is no identity`);
    const revoked = this.#revoked.get(issued.serialNumber);
    return {
      ...issued,
      identity,
      revoked: revoked === undefined ? null : { atMs: revoked.atMs, reason: revoked.reason },
    };
  }
}
