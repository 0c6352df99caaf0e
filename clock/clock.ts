/** A callback that a clock owes; `cancel()` withdraws it, at any time and as often as one likes. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time in the model. Everything that waits, expires or repeats asks a `Clock`, so that the
 * same ward can be fast-forwarded in simulated time and then go live.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch, as this clock counts them. */
  now(): number;
  /** Calls back once `now()` has reached `dueMs`; a time that has passed is due at once, never synchronously. */
  at(dueMs: number, callback: () => void): Timer;
  /** Calls back `delayMs` after `now()`; a negative delay counts as zero. */
  after(delayMs: number, callback: () => void): Timer;
}
