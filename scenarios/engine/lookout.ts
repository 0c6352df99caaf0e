import type { HeapClock, Timer } from '../../clock/index.ts';
import type { Stage } from './port.ts';

/**
 * Lets security operations look at the evidence whenever something may have happened, and at the very instant at which
 * something that should have come did not: time stops there, so that the alert and what follows from it have that time.
 */
export class Lookout {
  readonly #stage: Pick<Stage, 'look'>;
  readonly #clock: HeapClock;
  #dueMs: number | undefined;
  #timer: Timer | undefined;

  constructor(stage: Pick<Stage, 'look'>, clock: HeapClock) {
    this.#stage = stage;
    this.#clock = clock;
  }

  look(): void {
    const dueMs = this.#stage.look(this.#clock.now());
    if (dueMs === this.#dueMs) return;
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    // The engine looks once everything due at an instant has settled; the timer only makes it an instant.
    this.#timer = dueMs === undefined ? undefined : this.#clock.at(dueMs, () => undefined);
  }
}
