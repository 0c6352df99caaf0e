import { z } from 'zod';
import { type Identity, parseUrn, urnOf, urnSchema } from '../../protocol/index.ts';
import {
  AUTHORITIES,
  type AuthorityId,
  type CertificateProfile,
  PROFILE_NAMES,
  parseGeneration,
} from '../profiles.ts';
import type { CertificateStatus } from '../status/ocsp-response.ts';
import { type Records, records } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { REVOCATION_REASONS, type RevocationReason } from '../x509/extensions.ts';
import { type Bars, bars } from './bars.ts';
import type { CertifiedKey } from './mint.ts';

const hex = z.string().regex(/^[0-9a-f]+$/);

const PROFILE_VALUES = [...PROFILE_NAMES, 'birth'] as const satisfies readonly CertificateProfile[];

export const issuerSchema = z
  .string()
  .refine(
    (text): text is AuthorityId => Object.hasOwn(AUTHORITIES, text) || parseGeneration(text) !== undefined,
    'no authority',
  );

const issuedSchema = z.strictObject({
  serialNumber: hex,
  fingerprint: hex,
  identity: urnSchema,
  profile: z.enum(PROFILE_VALUES),
  issuer: issuerSchema,
  issuedAtMs: z.number(),
  notBeforeMs: z.number(),
  notAfterMs: z.number(),
  defect: z.string().optional(),
});
type Issued = z.infer<typeof issuedSchema>;

const revokedSchema = z.strictObject({
  serialNumber: hex,
  issuer: issuerSchema,
  atMs: z.number(),
  reason: z.enum(Object.keys(REVOCATION_REASONS) as [RevocationReason, ...RevocationReason[]]),
});
export type Revoked = z.infer<typeof revokedSchema>;

/** A certificate that was issued, as the register has it. */
export interface IssuedCertificate {
  readonly serialNumber: string;
  readonly fingerprint: string;
  readonly identity: Identity;
  readonly profile: CertificateProfile;
  readonly issuer: AuthorityId;
  readonly issuedAtMs: number;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** What is wrong with it on purpose, a name of `DEFECTS`. */
  readonly defect?: string | undefined;
  readonly revoked: { readonly atMs: number; readonly reason: RevocationReason } | null;
}

/** What was issued and what was revoked. */
export class Register {
  readonly #issued: Records<Issued>;
  readonly #revoked: Records<Revoked>;
  readonly #bars: Bars;

  constructor(store: Store) {
    this.#issued = records<Issued>(store, 'issued', issuedSchema, false);
    this.#revoked = records<Revoked>(store, 'revoked', revokedSchema, true);
    this.#bars = bars(store);
  }

  add(certified: CertifiedKey, issuer: AuthorityId, issuedAtMs: number, defect?: string): void {
    const { serialNumber, fingerprint, identity, profile, notBeforeMs, notAfterMs } = certified;
    this.#issued.put({
      serialNumber,
      fingerprint,
      identity: urnOf(identity),
      profile,
      issuer,
      issuedAtMs,
      notBeforeMs,
      notAfterMs,
      ...(defect === undefined ? {} : { defect }),
    });
  }

  find(serialNumber: string): IssuedCertificate | undefined {
    const issued = this.#issued.get(serialNumber);
    return issued === undefined ? undefined : this.#withRevocation(issued);
  }

  /**
   * The status of a certificate of an authority, whichever process on the folder issued or revoked it. Of those that the root
   * issued only the revoked ones are known here.
   */
  statusOf(issuer: AuthorityId, serialNumber: string): CertificateStatus {
    const revoked = this.#revoked.look(serialNumber);
    if (revoked?.issuer === issuer) return { status: 'revoked', atMs: revoked.atMs, reason: revoked.reason };
    const isIssued = this.#issued.look(serialNumber)?.issuer === issuer;
    return { status: isIssued ? 'good' : 'unknown' };
  }

  /** By time of issue, whichever process on the folder issued it. */
  all(): readonly IssuedCertificate[] {
    this.#issued.takeUp();
    return this.#issued
      .all()
      .map((issued) => this.#withRevocation(issued))
      .sort((a, b) => a.issuedAtMs - b.issuedAtMs);
  }

  /** Also of an authority, which is no entry of the register: its issuer is then the root. */
  revoke(
    certificate: Pick<IssuedCertificate, 'serialNumber' | 'issuer'>,
    reason: RevocationReason,
    atMs: number,
  ): void {
    const { serialNumber, issuer } = certificate;
    this.#revoked.put({ serialNumber, issuer, atMs, reason });
  }

  /**
   * Reads what another process on the same folder has revoked since.
   * @returns what is new, and whether an authority is among it.
   */
  takeUpRevocations(): { readonly certificates: readonly IssuedCertificate[]; readonly authority: boolean } {
    const fresh = this.#revoked.takeUp();
    if (fresh.length > 0) this.#issued.takeUp();
    return {
      certificates: fresh.flatMap(({ serialNumber }) => this.find(serialNumber) ?? []),
      authority: fresh.some(({ issuer }) => issuer === 'root'),
    };
  }

  revokedBy(id: AuthorityId): readonly Revoked[] {
    return this.#revoked.all().filter(({ issuer }) => issuer === id);
  }

  /** Also by another process on the same folder, which nobody here has been told of yet. */
  revokedAnywhereBy(id: AuthorityId): readonly Revoked[] {
    return this.#revoked.lookAtAll().filter(({ issuer }) => issuer === id);
  }

  /** Bars a pump, whatever became of its certificates. The next that is issued by hand lets it in. */
  bar(identity: Identity, atMs: number): void {
    this.#issued.takeUp();
    const known = this.#ownOf(identity).map(({ serialNumber }) => serialNumber);
    this.#bars.put(identity, known, atMs);
  }

  /**
   * Whether all that was issued last to an identity is revoked, or it was barred and nothing was issued since. What was
   * superseded is not held against it; what is bad on purpose neither bars it nor lets it in.
   */
  isBarred(identity: Identity): boolean {
    const urn = urnOf(identity);
    // Few are ever revoked, so nearly always this is all that is looked at.
    const wasRevoked = this.#revoked.all().some(({ serialNumber, reason }) => {
      const issued = reason === 'superseded' ? undefined : this.#issued.get(serialNumber);
      return issued?.identity === urn && issued.defect === undefined;
    });
    const knownThen = this.#bars.known(identity);
    if (!wasRevoked && knownThen === undefined) return false;
    // Another process may have issued one by hand since.
    this.#issued.takeUp();
    const all = this.#ownOf(identity);
    if (knownThen !== undefined && all.every(({ serialNumber }) => knownThen.includes(serialNumber)))
      return true;
    if (!wasRevoked) return false;
    const lastMs = Math.max(...all.map(({ issuedAtMs }) => issuedAtMs));
    const last = all.filter(({ issuedAtMs }) => issuedAtMs === lastMs);
    const reasons = last.map(({ serialNumber }) => this.#revoked.get(serialNumber)?.reason);
    return !reasons.includes(undefined) && reasons.some((reason) => reason !== 'superseded');
  }

  #ownOf(identity: Identity): readonly Issued[] {
    const urn = urnOf(identity);
    return this.#issued.all().filter((issued) => issued.identity === urn && issued.defect === undefined);
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
