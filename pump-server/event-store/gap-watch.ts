import type { Clock, Timer } from '../../clock/index.ts';
import type { Serial } from '../../protocol/index.ts';
import type { EventStore } from './event-store.ts';

/** Messages on two topics overtake each other; what is only late is here within this time. */
const SETTLE_MS = 5_000;

interface OpenGap {
  readonly missingSeq: number;
  readonly timer: Timer;
}

/** Judges gaps in the logs of pumps: one that does not close within some seconds is real, and told once. */
export class GapWatch {
  readonly #store: EventStore;
  readonly #clock: Clock;
  readonly #tell: (serial: Serial, missingSeq: number) => void;
  readonly #gaps = new Map<Serial, OpenGap>();

  constructor(store: EventStore, clock: Clock, tell: (serial: Serial, missingSeq: number) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Looks at the log of a pump after a record of it came. */
  look(serial: Serial): void {
    const missingSeq = this.#store.missing(serial);
    const before = this.#gaps.get(serial);
    if (before?.missingSeq === missingSeq) return;
    before?.timer.cancel();
    this.#gaps.delete(serial);
    if (missingSeq === undefined) return;
    const timer = this.#clock.after(SETTLE_MS, () => this.#tell(serial, missingSeq));
    this.#gaps.set(serial, { missingSeq, timer });
  }

  stop(): void {
    for (const { timer } of this.#gaps.values()) timer.cancel();
    this.#gaps.clear();
  }
}
