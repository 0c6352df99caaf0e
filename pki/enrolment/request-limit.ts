import type { Clock } from '../../clock/index.ts';

export interface RequestRate {
  readonly requests: number;
  readonly perMs: number;
}

/** Requests of each identity within a window that slides on the Clock. */
export class RequestLimit {
  readonly #clock: Clock;
  readonly #rate: RequestRate;
  readonly #times = new Map<string, number[]>();
  #sweptMs: number;

  constructor(clock: Clock, rate: RequestRate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#sweptMs = clock.now();
  }

  /** Counts a request. @returns 0, or how long to wait; a request over the limit is not counted. */
  take(who: string): number {
    const nowMs = this.#clock.now();
    const { requests, perMs } = this.#rate;
    this.#sweep(nowMs);
    const times = (this.#times.get(who) ?? []).filter((atMs) => atMs > nowMs - perMs);
    const [oldest] = times;
    if (oldest !== undefined && times.length >= requests) return oldest + perMs - nowMs;
    times.push(nowMs);
    this.#times.set(who, times);
    return 0;
  }

  /** Once a window, so that who asked once is not remembered for ever. */
  #sweep(nowMs: number): void {
    const { perMs } = this.#rate;
    if (nowMs < this.#sweptMs + perMs) return;
    this.#sweptMs = nowMs;
    for (const [who, times] of this.#times) {
      if ((times.at(-1) ?? 0) <= nowMs - perMs) this.#times.delete(who);
    }
  }
}
