import type { Clock, Random, Timer } from '../../clock/index.ts';
import { type EvidenceSink, type Serial, urnOf } from '../../protocol/index.ts';
import type { ClientCredential } from '../transport/index.ts';
import { EnrolmentError, type EnrolmentOperation, type SiteCertificate } from './est-client.ts';

export interface KeepCertifiedOptions {
  /** The pump's own clock, right or wrong. */
  readonly clock: Clock;
  readonly random: Random;
  readonly serial: Serial;
  /** From the manufacturer, for the life of the pump [IEEE 802.1AR]. */
  readonly birth: ClientCredential;
  readonly enrol: (operation: EnrolmentOperation, shown: ClientCredential) => Promise<SiteCertificate>;
  readonly evidence: EvidenceSink;
  /** Called after each certificate: sessions are to go on with it. */
  readonly changed: () => void;
}

/** A pump's certificate of the site, kept up to date. */
export interface KeptCertificate {
  /** `undefined` until the first one came. It may have expired, if no other could be had. */
  current(): SiteCertificate | undefined;
  /** The power goes, with all timers; what was got is kept. */
  suspend(): void;
  /** Looks what is due: at the start, and when the power is back. */
  resume(): void;
  /**
   * Renews now, if the certificate is of this authority (SHA-256 of its certificate): it is about to go. Once for each certificate, and
   * not before its first minute is over, so that nobody can keep a pump renewing. Not while it is asking anyway.
   */
  renewFrom(authority: string): void;
}

/** When to renew, as a part of the lifetime; and how far each renewal may lie from it, so that a fleet does not come at once. */
const RENEWAL = 2 / 3;
const RENEWAL_SPREAD = 0.02;

/** First wait, and the longest, between two attempts: a pump has a third of a lifetime to be heard. */
const FIRST_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;
/** A wave that is told to renew comes within so long, and not all of it at once. */
const WAVE_MS = 10_000;

/** What a pump with this certificate does at a time, and when. */
export function planEnrolment(
  current: SiteCertificate | undefined,
  nowMs: number,
  spread: number,
): { readonly operation: EnrolmentOperation; readonly atMs: number } {
  // Off until after it expired: only the birth certificate still says who it is.
  if (current === undefined || nowMs > current.notAfterMs) return { operation: 'simpleenroll', atMs: nowMs };
  // The clock was set back since: no renewal can be planned by it, and asking shows everybody that it is wrong.
  if (nowMs < current.obtainedAtMs) return { operation: 'simplereenroll', atMs: nowMs };
  const lifetimeMs = current.notAfterMs - current.obtainedAtMs;
  const afterMs = Math.max(FIRST_WAIT_MS, lifetimeMs * (RENEWAL + spread));
  return { operation: 'simplereenroll', atMs: current.obtainedAtMs + afterMs };
}

/**
 * Gets a pump its certificate, renews it at two thirds of its lifetime, and falls back to the birth certificate when the other
 * has expired or is not taken any more. Where nobody answers it tries again, waiting twice as long each time. Therapy never
 * waits for it.
 */
export function keepCertified(options: KeepCertifiedOptions): KeptCertificate {
  const { clock, random, serial, birth, evidence } = options;
  let current: SiteCertificate | undefined;
  let spread = 0;
  let attempts = 0;
  /** The server does not take what it once gave. */
  let refused = false;
  let timer: Timer | undefined;
  /** Counts times under power, so that what began under an earlier one ends in nothing. */
  let powered = 0;
  let on = false;
  let asking = false;
  /** The certificate that is being renewed because its authority goes. */
  let leaving: SiteCertificate | undefined;

  const record = (
    event: string,
    operation: EnrolmentOperation,
    more: Partial<Parameters<EvidenceSink>[0]>,
  ): void =>
    evidence({
      source: `pump:${serial}`,
      event,
      outcome: 'observed',
      visibility: 'blue',
      deviceTimeMs: clock.now(),
      subject: urnOf({ kind: 'pump', id: serial }),
      object: operation,
      ...more,
    });

  function schedule(): void {
    const { atMs } = planEnrolment(current, clock.now(), spread);
    timer = clock.after(atMs - clock.now(), attempt);
  }

  function attempt(): void {
    const mine = powered;
    const planned = planEnrolment(current, clock.now(), spread).operation;
    const operation = refused ? 'simpleenroll' : planned;
    const shown = operation === 'simplereenroll' && current !== undefined ? current : birth;
    asking = true;
    options.enrol(operation, shown).then(
      (certificate) => {
        if (!on || mine !== powered) return;
        asking = false;
        current = certificate;
        spread = random.between(-RENEWAL_SPREAD, RENEWAL_SPREAD);
        attempts = 0;
        refused = false;
        record('certificate.obtained', operation, { certificateFingerprint: certificate.fingerprint });
        schedule();
        options.changed();
      },
      (error: unknown) => {
        if (!on || mine !== powered) return;
        asking = false;
        failed(operation, error);
      },
    );
  }

  function failed(operation: EnrolmentOperation, error: unknown): void {
    const { control, status, retryAfterMs } =
      error instanceof EnrolmentError ? error : new EnrolmentError(String(error));
    record('enrolment.failed', operation, {
      control,
      ...(control === null ? {} : { outcome: 'denied' }),
      cause: error instanceof Error ? error.message : String(error),
    });
    refused = operation === 'simplereenroll' && status === 401;
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts, 10), LONGEST_WAIT_MS);
    attempts += 1;
    timer = clock.after(Math.max(waitMs * random.between(0.8, 1.2), retryAfterMs), attempt);
  }

  return {
    current: () => current,
    suspend: () => {
      on = false;
      timer?.cancel();
    },
    resume: () => {
      if (on) return;
      on = true;
      powered += 1;
      attempts = 0;
      asking = false;
      leaving = undefined;
      schedule();
    },
    renewFrom: (authority) => {
      if (!on || asking || attempts > 0 || current?.authority !== authority || current === leaving) return;
      const ageMs = clock.now() - current.obtainedAtMs;
      // The clock was set back since: what was planned asks at once.
      if (ageMs < 0) return;
      leaving = current;
      timer?.cancel();
      // Put off, not dropped: it is told once for each session, and that may be in the first minute.
      timer = clock.after(Math.max(0, FIRST_WAIT_MS - ageMs) + random.between(0, WAVE_MS), attempt);
    },
  };
}
