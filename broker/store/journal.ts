import type { Clock, Timer } from '../../clock/index.ts';
import { PumprangeError } from '../../protocol/index.ts';
import type { Disk } from './disk.ts';

export interface JournalOptions {
  readonly disk: Disk;
  /** Opens the disk again after it failed. */
  readonly reopen: () => Promise<Disk>;
  readonly clock: Clock;
  /** The disk took nothing; it is tried again every `RETRY_MS`. */
  readonly failed: (error: PumprangeError) => void;
  readonly recovered: () => void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: PumprangeError) => void;
}

const RETRY_MS = 1_000;

/**
 * Writes changes behind: they are noted at once, and all that were noted while the last batch was written go into the next (group
 * commit). Whoever must know that something is on the disk waits for `durable`. A later change of a key replaces one that has not
 * been written, so that what is pending is bounded by what there is, however long the disk is full.
 */
export class Journal {
  readonly #options: JournalOptions;
  #disk: Disk;
  #pending = new Map<string, Buffer | undefined>();
  #waiters: Waiter[] = [];
  #writing: Promise<void> | undefined;
  #scheduled: NodeJS.Immediate | undefined;
  #failure: PumprangeError | undefined;
  #retry: Timer | undefined;
  #closed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#disk = options.disk;
  }

  /** Why nothing can be kept at the moment. */
  get failure(): PumprangeError | undefined {
    return this.#failure;
  }

  /** Changes that have not been written yet. */
  get pending(): number {
    return this.#pending.size;
  }

  put(key: string, value: Buffer): void {
    this.#note(key, value);
  }

  delete(key: string): void {
    this.#note(key, undefined);
  }

  /** Resolves when all that was noted so far is on the disk. @throws PumprangeError `PR_DISK` */
  durable(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#schedule();
    });
  }

  /** Writes what is pending, if the disk lets it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#retry?.cancel();
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    await this.#writing;
    if (this.#failure === undefined && (this.#pending.size > 0 || this.#waiters.length > 0)) {
      await this.#write();
    }
    await this.#disk.close().catch(() => undefined);
  }

  #note(key: string, value: Buffer | undefined): void {
    // Last in the map is what was changed last.
    this.#pending.delete(key);
    this.#pending.set(key, value);
    this.#schedule();
  }

  /** One turn of the event loop later, so that what came together is written together. */
  #schedule(): void {
    if (this.#closed || this.#failure !== undefined) return;
    if (this.#writing !== undefined || this.#scheduled !== undefined) return;
    this.#scheduled = setImmediate(() => {
      this.#scheduled = undefined;
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
        if (this.#pending.size > 0 || this.#waiters.length > 0) this.#schedule();
      });
    });
  }

  async #write(): Promise<void> {
    const batch = this.#pending;
    const waiters = this.#waiters;
    this.#pending = new Map();
    this.#waiters = [];
    try {
      // Deliveries that were acknowledged need no sync: at worst one comes twice.
      await this.#disk.write([...batch], waiters.length > 0);
      for (const { resolve } of waiters) resolve();
    } catch (error) {
      this.#fail(batch, waiters, error);
    }
  }

  #fail(batch: Map<string, Buffer | undefined>, waiters: readonly Waiter[], error: unknown): void {
    const failure = failureOf(error);
    this.#takeBack(batch);
    this.#failure = failure;
    for (const { reject } of [...waiters, ...this.#waiters.splice(0)]) reject(failure);
    this.#options.failed(failure);
    this.#retryLater();
  }

  /** What was not written is pending again, unless it has changed since. */
  #takeBack(batch: Map<string, Buffer | undefined>): void {
    for (const [key, value] of this.#pending) {
      batch.delete(key);
      batch.set(key, value);
    }
    this.#pending = batch;
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retry = this.#options.clock.after(RETRY_MS, () => {
      this.#writing = this.#tryAgain().finally(() => {
        this.#writing = undefined;
        if (this.#pending.size > 0) this.#schedule();
      });
    });
  }

  /** LevelDB takes nothing more after an error: it is opened anew. */
  async #tryAgain(): Promise<void> {
    const batch = this.#pending;
    this.#pending = new Map();
    try {
      await this.#disk.close().catch(() => undefined);
      this.#disk = await this.#options.reopen();
      await this.#disk.write([...batch], true);
    } catch {
      this.#takeBack(batch);
      this.#retryLater();
      return;
    }
    this.#failure = undefined;
    this.#options.recovered();
  }
}

function failureOf(error: unknown): PumprangeError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new PumprangeError('PR_DISK', `the broker cannot keep anything: ${text}`, { cause: error });
}
