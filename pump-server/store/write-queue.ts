import { PumprangeError } from '../../protocol/index.ts';
import type { Database } from './database.ts';

type Write = (database: Database) => void;

/** Writes that wait while the disk takes none; pumps keep what has no receipt, so more need not be kept here. */
const MOST_WAITING = 10_000;
/** So many are one transaction: what fails on a full disk fails fast, and is tried again as a whole. */
const MOST_AT_ONCE = 1_000;

/** What is to be written, in order: gathered over a turn of the event loop, and brought to the disk together. */
export class WriteQueue {
  readonly #database: Database;
  #waiting: Write[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws PumprangeError `PR_DISK` if too much waits already; then it is not taken */
  add(write: Write): void {
    if (this.#waiting.length >= MOST_WAITING) {
      throw new PumprangeError(
        'PR_DISK',
        `${this.#database.path}: ${this.#waiting.length} writes wait already`,
      );
    }
    this.#waiting.push(write);
  }

  /**
   * All that was added is on the disk when this returns. What the disk does not take goes on waiting, and is tried again next time.
   *
   * @throws PumprangeError `PR_DISK`
   */
  flush(): void {
    while (this.#waiting.length > 0) this.#flushSome();
  }

  /** Writes one thing behind all that waits: it is on the disk when this returns, or it never was. @throws PumprangeError `PR_DISK` */
  now(write: Write): void {
    while (this.#waiting.length > MOST_AT_ONCE) this.#flushSome();
    const rest = this.#waiting;
    // One transaction with what it follows from: a crash leaves both, or neither.
    this.#database.transaction(() => {
      for (const before of rest) before(this.#database);
      write(this.#database);
    });
    this.#waiting = [];
  }

  #flushSome(): void {
    const some = this.#waiting.slice(0, MOST_AT_ONCE);
    this.#database.transaction(() => {
      for (const write of some) write(this.#database);
    });
    this.#waiting = this.#waiting.slice(some.length);
  }
}
