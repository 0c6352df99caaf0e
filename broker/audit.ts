import type { Clock } from '../clock/index.ts';
import {
  type ControlId,
  type EvidenceSink,
  type LimitCode,
  RATE_LIMIT_CODES,
  type Reached,
  urnOf,
} from '../protocol/index.ts';
import { payer, type Session } from './session.ts';

/** A peer that is no session yet, or never becomes one. */
export interface Peer {
  readonly address: string;
  readonly certificateFingerprint?: string | undefined;
}

/** A session that is kept while nobody is there. */
export interface Away {
  readonly clientId: string;
}

export interface Told {
  readonly event: string;
  readonly outcome: 'allowed' | 'denied' | 'observed';
  readonly control: ControlId | null;
  readonly cause: string | null;
  /** What it was done to: a topic, a filter, a type of packet. */
  readonly object?: string;
}

/** A flood must not become a flood of entries: one of a kind in this time, and the next says how many were left out. */
const LIMIT_EVERY_MS = 10_000;
const MOST_REMEMBERED = 10_000;

/** Writes what the broker decided into the evidence, and counts what it denied. */
export class Audit {
  readonly #clock: Clock;
  readonly #evidence: EvidenceSink;
  readonly #told = new Map<string, { readonly atMs: number; leftOut: number }>();
  readonly #limits = new Map<LimitCode, number>();
  readonly #denials = new Map<ControlId | null, number>();
  #denied = 0;

  constructor(clock: Clock, evidence: EvidenceSink) {
    this.#clock = clock;
    this.#evidence = evidence;
  }

  /** Connections, publications and subscriptions denied. */
  get denied(): number {
    return this.#denied;
  }

  /** Denials by the control that denied; `null`: by none, the protocol or the disk did. */
  get denials(): ReadonlyMap<ControlId | null, number> {
    return this.#denials;
  }

  /** How often each limit was reached. */
  get limits(): ReadonlyMap<LimitCode, number> {
    return this.#limits;
  }

  session(session: Session, told: Told): void {
    if (told.outcome === 'denied') this.#deny(told.control);
    const identity = session.identity ?? session.certificate?.identity;
    this.#evidence({
      source: 'broker',
      visibility: 'blue',
      address: session.address,
      session: session.clientId ?? null,
      subject: identity === undefined ? null : urnOf(identity),
      certificateFingerprint: session.certificate?.fingerprint ?? null,
      object: null,
      ...told,
    });
  }

  /** A peer that never became a session. */
  refused({ address, certificateFingerprint }: Peer, control: ControlId | null, cause: string): void {
    this.#deny(control);
    this.#evidence({
      source: 'broker',
      event: 'session.refused',
      outcome: 'denied',
      visibility: 'blue',
      address,
      control,
      cause,
      certificateFingerprint: certificateFingerprint ?? null,
    });
  }

  /**
   * A limit was reached: the cause begins with its code. Not everything is told (see `LIMIT_EVERY_MS`), but all that was denied is
   * counted.
   */
  limit(who: Session | Peer | Away, event: string, reached: Reached, object?: string): void {
    const outcome = event === 'session.throttled' ? 'observed' : 'denied';
    const subject = 'gate' in who ? nameOf(who) : 'address' in who ? who.address : who.clientId;
    const cause = this.#due(`${subject} ${reached.code}`, `${reached.code}: ${reached.cause}`);
    const control = controlOf(reached);
    this.#limits.set(reached.code, (this.#limits.get(reached.code) ?? 0) + 1);
    if (cause === undefined) {
      if (outcome === 'denied') this.#deny(control);
    } else if ('gate' in who) {
      this.session(who, { event, outcome, control, cause, ...(object === undefined ? {} : { object }) });
    } else if ('address' in who) {
      this.refused(who, control, cause);
    } else {
      this.#deny(control);
      const session = who.clientId;
      this.#evidence({ source: 'broker', event, outcome, visibility: 'blue', session, control, cause });
    }
  }

  /** Like `session`, but not more often than a limit. */
  seldom(session: Session, told: Told & { readonly cause: string }): void {
    const cause = this.#due(`${nameOf(session)} ${told.event} ${told.cause}`, told.cause);
    if (cause !== undefined) this.session(session, { ...told, cause });
    else if (told.outcome === 'denied') this.#deny(told.control);
  }

  /** Something about the broker itself. */
  broker(event: string, cause: string | null): void {
    this.#evidence({ source: 'broker', event, outcome: 'observed', visibility: 'blue', cause });
  }

  #deny(control: ControlId | null): void {
    this.#denied += 1;
    this.#denials.set(control, (this.#denials.get(control) ?? 0) + 1);
  }

  /** The text if it is to be told now. */
  #due(what: string, text: string): string | undefined {
    const nowMs = this.#clock.now();
    const last = this.#told.get(what);
    if (last !== undefined && nowMs - last.atMs < LIMIT_EVERY_MS) {
      last.leftOut += 1;
      return undefined;
    }
    if (this.#told.size >= MOST_REMEMBERED) this.#told.clear();
    this.#told.set(what, { atMs: nowMs, leftOut: 0 });
    return last === undefined || last.leftOut === 0
      ? text
      : `${text} (${last.leftOut} like it since the last entry)`;
  }
}

function nameOf(session: Session): string | undefined {
  const who = payer(session);
  return who === undefined ? session.clientId : urnOf(who);
}

function controlOf({ code }: Reached): ControlId {
  return (RATE_LIMIT_CODES as readonly string[]).includes(code) ? 'rate-limit' : 'session-quota';
}
