import type { Clock, Timer } from '../../clock/index.ts';
import type { LogRecord } from './log-store.ts';
import type { PumpLog } from './pump-log.ts';

/** After so long without a receipt the log is sent again. */
const RESEND_MS = 30_000;
/** Records that may be under way without a receipt; a pump that comes back after a long outage sends no more at once. */
const MOST_UNDER_WAY = 500;

/**
 * Sends the log while there is a link: always in order, at most a window ahead of the receipts, and from its oldest record again
 * when none comes. Nothing but the receipt of the server proves that a record is stored: the broker's acknowledgement does not.
 */
export class LogUplink {
  readonly #log: PumpLog;
  readonly #clock: Clock;
  readonly #send: (record: LogRecord, oldestSeq: number) => void;
  #online = false;
  /** The number that is sent next. */
  #dueSeq = 0;
  #resend: Timer | undefined;

  constructor(log: PumpLog, clock: Clock, send: (record: LogRecord, oldestSeq: number) => void) {
    this.#log = log;
    this.#clock = clock;
    this.#send = send;
  }

  online(): void {
    this.#online = true;
    this.#again();
  }

  offline(): void {
    this.#online = false;
    this.#resend?.cancel();
    this.#resend = undefined;
  }

  /** Sends what is due, as far as the window reaches. */
  sendDue(): void {
    if (!this.#online) return;
    const { oldestSeq } = this.#log;
    this.#dueSeq = Math.max(this.#dueSeq, oldestSeq);
    for (;;) {
      const record = this.#dueSeq < oldestSeq + MOST_UNDER_WAY ? this.#log.at(this.#dueSeq) : undefined;
      if (record === undefined) break;
      this.#dueSeq += 1;
      this.#send(record, oldestSeq);
    }
    if (this.#log.oldestSeq < this.#dueSeq)
      this.#resend ??= this.#clock.after(RESEND_MS, () => this.#again());
  }

  /** A receipt. What was never said it cannot confirm. */
  confirmed(upToSeq: number): void {
    if (!this.#log.knows(upToSeq) || !this.#log.forget(upToSeq)) return;
    this.#resend?.cancel();
    this.#resend = undefined;
    this.sendDue();
  }

  #again(): void {
    this.#resend?.cancel();
    this.#resend = undefined;
    this.#dueSeq = 0;
    this.sendDue();
  }
}
