import type { Clock } from '../clock/index.ts';
import {
  type ControlId,
  type EvidenceSink,
  type LimitCode,
  RATE_LIMIT_CODES,
  type Reached,
  urnOf,
} from '../protocol/index.ts';
import { TokenBucket } from './limits/token-bucket.ts';
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
/** So many denials of a kind are told at once: each may be of something else, and whoever looks into one wants to see of what. */
const DENIALS_AT_ONCE = 20;
const MOST_REMEMBERED = 10_000;
/** Names and topics are chosen by whoever is denied, and may be 65,535 bytes long [MQTT-1.5.3]. */
const LONGEST_TEXT = 256;

/** Writes what the broker decided into the evidence, and counts what it denied. */
export class Audit {
  readonly #clock: Clock;
  readonly #evidence: EvidenceSink;
  readonly #told = new Map<string, { readonly bucket: TokenBucket; leftOut: number }>();
  readonly #limits = new Map<LimitCode, number>();
  readonly #denials = new Map<ControlId | null, number>();
  #denied = 0;

  constructor(clock: Clock, evidence: EvidenceSink) {
    this.#clock = clock;
    this.#evidence = (entry) =>
      evidence({
        ...entry,
        ...(entry.session && { session: short(entry.session) }),
        ...(entry.object && { object: short(entry.object) }),
        ...(entry.cause && { cause: short(entry.cause) }),
      });
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

  /** Something was denied. A few of a kind are told at once, then one in `LIMIT_EVERY_MS`; all are counted. */
  denial(session: Session, told: Omit<Told, 'outcome'> & { readonly cause: string }): void {
    const { event, control } = told;
    this.#some(
      session,
      `${nameOf(session)} ${event} ${control}`,
      { ...told, outcome: 'denied' },
      DENIALS_AT_ONCE,
    );
  }

  /** A peer that never became a session. Told like a denial: by address, control and the code that its cause begins with. */
  refused(peer: Peer, control: ControlId | null, cause: string): void {
    const due = this.#due(`${peer.address} ${control} ${cause.split(':', 1)[0]}`, cause, DENIALS_AT_ONCE);
    if (due === undefined) this.#deny(control);
    else this.#refuse(peer, control, due);
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
      this.#refuse(who, control, cause);
    } else {
      this.#deny(control);
      const session = who.clientId;
      this.#evidence({ source: 'broker', event, outcome, visibility: 'blue', session, control, cause });
    }
  }

  /** Like `session`, but not more often than a limit. */
  seldom(session: Session, told: Told & { readonly cause: string }): void {
    this.#some(session, `${nameOf(session)} ${told.event} ${told.cause}`, told, 1);
  }

  /** Something about the broker itself. */
  broker(event: string, cause: string | null): void {
    this.#evidence({ source: 'broker', event, outcome: 'observed', visibility: 'blue', cause });
  }

  #some(session: Session, what: string, told: Told & { readonly cause: string }, atOnce: number): void {
    const cause = this.#due(what, told.cause, atOnce);
    if (cause !== undefined) this.session(session, { ...told, cause });
    else if (told.outcome === 'denied') this.#deny(told.control);
  }

  #refuse({ address, certificateFingerprint }: Peer, control: ControlId | null, cause: string): void {
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

  #deny(control: ControlId | null): void {
    this.#denied += 1;
    this.#denials.set(control, (this.#denials.get(control) ?? 0) + 1);
  }

  /** The text if it is to be told now. `atOnce`: how many of a kind are told without a pause. */
  #due(what: string, text: string, atOnce = 1): string | undefined {
    const nowMs = this.#clock.now();
    const known = this.#told.get(what);
    if (known === undefined && this.#told.size >= MOST_REMEMBERED) this.#told.clear();
    const last = known ?? { bucket: new TokenBucket(1_000 / LIMIT_EVERY_MS, atOnce, nowMs), leftOut: 0 };
    this.#told.set(what, last);
    if (last.bucket.waitMs(1, nowMs) > 0) {
      last.leftOut += 1;
      return undefined;
    }
    last.bucket.take(1, nowMs);
    const { leftOut } = last;
    last.leftOut = 0;
    // The count must outlast the cut.
    return leftOut === 0
      ? text
      : `${short(text, LONGEST_TEXT - 50)} (${leftOut} like it since the last entry)`;
  }
}

/** The beginning of a text, without half a character at its end. */
function short(text: string, longest = LONGEST_TEXT): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function nameOf(session: Session): string | undefined {
  const who = payer(session);
  return who === undefined ? session.clientId : urnOf(who);
}

function controlOf({ code }: Reached): ControlId {
  return (RATE_LIMIT_CODES as readonly string[]).includes(code) ? 'rate-limit' : 'session-quota';
}
