import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../clock/index.ts';
import { type EvidenceSink, PumprangeError, parseUrn, urnOf, urnSchema } from '../../protocol/index.ts';
import type { AuthorityId } from '../profiles.ts';
import { type Records, records } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { Authorities } from './authorities.ts';
import { type IssuedCertificate, issuerSchema, type Register } from './register.ts';

const waveSchema = z.strictObject({
  /** Of the wave; nothing but a name. */
  serialNumber: z.string().regex(/^[0-9a-f]+$/),
  to: issuerSchema,
  atMs: z.number(),
  pumps: z.array(urnSchema).min(1),
});
type WaveRecord = z.infer<typeof waveSchema>;

/** Which pumps a wave takes, of those that wait. */
export type WaveSelection =
  | { readonly serials: readonly string[] }
  /** The first so many, by serial number. */
  | { readonly next: number }
  | 'rest';

export interface Wave {
  /** From 1. */
  readonly number: number;
  /** ISO 8601. */
  readonly at: string;
  readonly pumps: readonly {
    readonly serial: string;
    /** Whether the new authority has issued it a certificate. */
    readonly moved: boolean;
  }[];
}

export interface MigrationProgress {
  /** The authority that issues to pumps now. */
  readonly to: AuthorityId;
  /** Those of before that are still trusted, oldest first; none: nothing is left to migrate from. */
  readonly from: readonly AuthorityId[];
  readonly waves: readonly Wave[];
  /** Pumps that have nothing but a certificate of before, and are in no wave yet. */
  readonly waiting: readonly string[];
}

export interface MigrationOptions {
  readonly clock: Clock;
  readonly evidence: EvidenceSink;
  readonly store: Store;
  readonly register: Register;
  readonly authorities: Authorities;
}

/**
 * Moves the pumps from an authority of before a rollover to the one that issues now, wave by wave. The PKI only keeps the plan, one
 * record a wave, and sees by what it issues who has moved; the pump server tells the pumps (docs/decisions/0011).
 */
export class Migration {
  readonly #options: MigrationOptions;
  readonly #waves: Records<WaveRecord>;
  /** Who has moved does not move back; seldom is the whole register looked at. */
  readonly #moved = new Set<string>();

  constructor(options: MigrationOptions) {
    this.#options = options;
    this.#waves = records<WaveRecord>(options.store, 'waves', waveSchema, true);
  }

  /**
   * Starts a wave.
   *
   * @returns the serial numbers in it. PR_PKI_AUTHORITY where there was no rollover, for a pump that does not wait, and where none does.
   */
  start(selection: WaveSelection): readonly string[] {
    const { clock } = this.#options;
    this.#waves.takeUp();
    const { to, from, waiting } = this.progress();
    if (from.length === 0) throw refused('there is no authority to move from: roll over first');
    const chosen = choose(selection, waiting);
    const [stranger] = chosen.filter((serial) => !waiting.includes(serial));
    if (stranger !== undefined) {
      throw refused(
        `${stranger} does not wait for a wave: it has moved, is in one, or has no good certificate`,
      );
    }
    if (chosen.length === 0) throw refused('no pump waits for a wave');
    const pumps = chosen.map((id) => urnOf({ kind: 'pump', id }));
    const record = { serialNumber: randomBytes(8).toString('hex'), to, atMs: clock.now(), pumps };
    this.#waves.put(record);
    this.#note(record);
    return chosen;
  }

  /** As the folder has it now, whichever process on it started a wave or issued a certificate. */
  progress(): MigrationProgress {
    const good = this.#good();
    const to = this.#current();
    const from = this.#earlier().map(({ id }) => id);
    const moved = new Set(good.filter(({ issuer }) => issuer === to).map(serialOf));
    const waves = this.#ofNow(this.#waves.lookAtAll()).map(
      ({ atMs, pumps }, index): Wave => ({
        number: index + 1,
        at: new Date(atMs).toISOString(),
        pumps: pumps.flatMap(serialIn).map((serial) => ({ serial, moved: moved.has(serial) })),
      }),
    );
    const taken = new Set(waves.flatMap(({ pumps }) => pumps.map(({ serial }) => serial)));
    const before = good.filter(({ issuer }) => from.includes(issuer)).map(serialOf);
    const waiting = [...new Set(before)].filter((serial) => !moved.has(serial) && !taken.has(serial)).sort();
    return { to, from, waves, waiting };
  }

  /** @returns the serial numbers in waves that another process on the folder has started since. */
  takeUp(): readonly string[] {
    const fresh = this.#ofNow(this.#waves.takeUp());
    for (const record of fresh) this.#note(record);
    return fresh.flatMap(({ pumps }) => pumps.flatMap(serialIn));
  }

  /** SHA-256 of the authority that a pump is to leave now, lower-case hexadecimal; `undefined` where it need not. */
  toLeave(serial: string): string | undefined {
    if (this.#moved.has(serial)) return undefined;
    const urn = urnOf({ kind: 'pump', id: serial });
    if (!this.#ofNow(this.#waves.all()).some(({ pumps }) => pumps.includes(urn))) return undefined;
    const last = this.#good().findLast((one) => serialOf(one) === serial);
    if (last?.issuer === this.#current()) this.#moved.add(serial);
    return this.#earlier().find(({ id }) => id === last?.issuer)?.certificate.fingerprint;
  }

  /** Certificates of pumps that count now, by time of issue. */
  #good(): readonly IssuedCertificate[] {
    const { register, clock } = this.#options;
    const nowMs = clock.now();
    return register
      .all()
      .filter(
        ({ profile, defect, revoked, notAfterMs }) =>
          profile === 'pump' && defect === undefined && revoked === null && notAfterMs >= nowMs,
      );
  }

  #current(): AuthorityId {
    return this.#options.authorities.site.issuing.devices.id;
  }

  #earlier() {
    const { authorities } = this.#options;
    return authorities.trusted.filter(({ role, id }) => role === 'devices' && id !== this.#current());
  }

  /** Of this rollover; those of one before are done with. */
  #ofNow(waves: readonly WaveRecord[]): readonly WaveRecord[] {
    return waves.filter(({ to }) => to === this.#current()).sort((a, b) => a.atMs - b.atMs);
  }

  #note({ to, pumps }: WaveRecord): void {
    this.#options.evidence({
      source: 'pki',
      event: 'migration.wave',
      outcome: 'observed',
      visibility: 'blue',
      object: to,
      cause: `${pumps.length} pumps are to renew`,
    });
  }
}

function choose(selection: WaveSelection, waiting: readonly string[]): readonly string[] {
  if (selection === 'rest') return waiting;
  return 'next' in selection ? waiting.slice(0, selection.next) : [...new Set(selection.serials)];
}

function serialIn(urn: string): readonly string[] {
  const identity = parseUrn(urn);
  return identity === undefined ? [] : [identity.id];
}

function serialOf({ identity }: IssuedCertificate): string {
  return identity.id;
}

function refused(why: string): PumprangeError {
  return new PumprangeError('PR_PKI_AUTHORITY', why);
}
