/** Works on one session at a time: on all that has come from it by then, before it turns to the next [one loop, as brokers have it]. */
export class Processor {
  readonly #msPerPacket: number;
  #busyUntilMs = Number.NEGATIVE_INFINITY;
  #served: { readonly who: object; readonly atMs: number } | undefined;

  constructor(packetsPerSecond: number) {
    this.#msPerPacket = 1_000 / packetsPerSecond;
  }

  /** Milliseconds until it turns to a session; 0: now. */
  waitMs(who: object, nowMs: number): number {
    if (this.#busyUntilMs <= nowMs) return 0;
    const goesOn = this.#served?.who === who && this.#served.atMs === nowMs;
    return goesOn ? 0 : Math.ceil(this.#busyUntilMs - nowMs);
  }

  /** Begins to work on packets of a session. */
  take(who: object, nowMs: number): void {
    this.#served = { who, atMs: nowMs };
    this.work(1, nowMs);
  }

  /** Has more to do, before it turns to anybody. */
  work(packets: number, nowMs: number): void {
    this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs) + packets * this.#msPerPacket;
  }
}
