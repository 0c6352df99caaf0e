import type { Clock } from '../../clock/index.ts';
import type { Serial } from '../../protocol/index.ts';
import type { ServerStore } from './server-store.ts';

/** A disk that took nothing is asked again after this. */
const FLUSH_AGAIN_MS = 1_000;

export interface DurableReceiptsOptions {
  readonly store: Pick<ServerStore, 'flush'>;
  readonly clock: Clock;
  /** Runs work when what has come by now is dealt with; absent: at once. */
  readonly afterTurn: ((work: () => void) => void) | undefined;
  /** Sends a receipt. */
  readonly send: (serial: Serial, upToSeq: number) => void;
  /** Called once when the disk takes nothing, until it does again. */
  readonly failed: (cause: unknown) => void;
}

/** Brings to the disk what came in a turn, all together, and only then sends the receipts for it: one for all of a pump. */
export class DurableReceipts {
  readonly #options: DurableReceiptsOptions;
  readonly #due = new Map<Serial, number>();
  /** `halted`: no more is written or sent. */
  #state: 'idle' | 'due' | 'waiting' | 'halted' = 'idle';
  #failureTold = false;

  constructor(options: DurableReceiptsOptions) {
    this.#options = options;
  }

  /** Something was added to the store; `upToSeq`: and its pump is to get a receipt, unless `null`. */
  due(serial: Serial, upToSeq: number | null): void {
    if (upToSeq !== null) this.#due.set(serial, upToSeq);
    if (this.#state !== 'idle') return;
    const { afterTurn } = this.#options;
    if (afterTurn === undefined) return this.flush();
    this.#state = 'due';
    afterTurn(() => this.flush());
  }

  flush(): void {
    if (this.#state === 'halted') return;
    const { store, clock, send } = this.#options;
    try {
      store.flush();
    } catch (cause) {
      this.#state = 'waiting';
      this.fail(cause);
      clock.after(FLUSH_AGAIN_MS, () => this.flush());
      return;
    }
    this.#state = 'idle';
    this.#failureTold = false;
    const due = [...this.#due];
    this.#due.clear();
    for (const [serial, upToSeq] of due) send(serial, upToSeq);
  }

  /** Something could not even be added to the store. */
  fail(cause: unknown): void {
    if (this.#failureTold) return;
    this.#failureTold = true;
    this.#options.failed(cause);
  }

  halt(): void {
    this.#state = 'halted';
  }
}
