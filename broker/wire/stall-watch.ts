import type { Clock, Timer } from '../../clock/index.ts';

/** Tells when a peer has read nothing of what waits for it for a while. One timer while something waits, set anew only when it fires. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #patienceMs: number | undefined;
  readonly #stalled: () => void;
  #unsentSinceMs: number | undefined;
  #timer: Timer | undefined;

  /** @param patienceMs `undefined`: for ever */
  constructor(clock: Clock, patienceMs: number | undefined, stalled: () => void) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
    this.#stalled = stalled;
  }

  /** Something was handed to the transport. */
  handed(): void {
    this.#unsentSinceMs = this.#clock.now();
  }

  /** The transport has passed it on. */
  taken(): void {
    this.#unsentSinceMs = undefined;
  }

  /** The transport keeps what it was handed. */
  begin(): void {
    if (this.#patienceMs === undefined || this.#timer !== undefined) return;
    this.#timer = this.#clock.after(this.#patienceMs, () => this.#look(this.#patienceMs ?? 0));
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#unsentSinceMs = undefined;
  }

  #look(patienceMs: number): void {
    this.#timer = undefined;
    if (this.#unsentSinceMs === undefined) return;
    const dueMs = this.#unsentSinceMs + patienceMs;
    if (dueMs <= this.#clock.now()) this.#stalled();
    else this.#timer = this.#clock.at(dueMs, () => this.#look(patienceMs));
  }
}
