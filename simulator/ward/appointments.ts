import type { Clock, Timer } from '../../clock/index.ts';

/** What is to happen at one bed; all of it can be called off at once. */
export class Appointments {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  in(delayMs: number, then: () => void): Timer {
    const timer = this.#clock.after(delayMs, () => {
      this.#timers.delete(timer);
      then();
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }

  /** Again and again, each time after a newly drawn delay. */
  every(drawDelayMs: () => number, then: () => void): void {
    this.in(drawDelayMs(), () => {
      then();
      this.every(drawDelayMs, then);
    });
  }

  callOff(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }
}
