import type { Clock, Timer } from '../../clock/index.ts';
import type { EvidenceEntry, EvidenceSink } from '../../protocol/index.ts';

const WINDOW_MS = 10_000;

interface Window {
  readonly timer: Timer;
  /** Not told since the first. */
  withheld: number;
  last: EvidenceEntry;
}

/**
 * Evidence of what anybody can cause as often as they like: of each sort the first within 10 s of the Clock is told at once,
 * and the last of the others at the end, with their number.
 */
export class EvidenceThrottle {
  readonly #clock: Clock;
  readonly #evidence: EvidenceSink;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock, evidence: EvidenceSink) {
    this.#clock = clock;
    this.#evidence = evidence;
  }

  /** @param sort what the entry has in common with others like it, of few sorts: nothing that a client can choose freely. */
  tell(sort: string, entry: EvidenceEntry): void {
    const open = this.#windows.get(sort);
    if (open === undefined) {
      this.#evidence(entry);
      const timer = this.#clock.after(WINDOW_MS, () => this.#close(sort));
      this.#windows.set(sort, { timer, withheld: 0, last: entry });
      return;
    }
    open.withheld += 1;
    open.last = entry;
  }

  /** Tells what is still withheld. */
  stop(): void {
    for (const [sort, { timer }] of this.#windows) {
      timer.cancel();
      this.#close(sort);
    }
  }

  #close(sort: string): void {
    const window = this.#windows.get(sort);
    this.#windows.delete(sort);
    if (window === undefined || window.withheld === 0) return;
    const { last, withheld } = window;
    this.#evidence({ ...last, cause: `${last.cause ?? last.event} (${withheld} like it within 10 s)` });
  }
}
