import type { Clock, Timer } from '../../clock/index.ts';

/** The clock in a pump: it runs as the Clock does, and may be set wrong. */
export class DeviceClock implements Clock {
  readonly #clock: Clock;
  /** How far it is ahead; negative: behind. */
  offsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now() + this.offsetMs;
  }

  /** Setting the clock does not move what was set before. */
  at(dueMs: number, callback: () => void): Timer {
    return this.#clock.at(dueMs - this.offsetMs, callback);
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.#clock.after(delayMs, callback);
  }
}
