import type { AlarmMessage, EventMessage } from '../../protocol/index.ts';
import { type LogRecord, type LogStore, memoryLog } from './log-store.ts';

export type NewRecord =
  | { readonly stream: 'alarm'; readonly body: AlarmMessage['body'] }
  | { readonly stream: 'event'; readonly body: EventMessage['body'] };

/** Records that a pump keeps for a server that does not answer. */
const CAPACITY = 10_000;

/**
 * The pump's own log: numbered, bounded, and kept until the server says that it has stored it. What has a receipt may be
 * forgotten; when it is full all the same, the oldest goes, and the count says how many were lost.
 */
export class PumpLog {
  readonly #store: LogStore;
  readonly #capacity: number;
  #lost = 0;

  constructor(store: LogStore = memoryLog(), capacity = CAPACITY) {
    this.#store = store;
    this.#capacity = capacity;
  }

  /** How many were lost since this log was opened. */
  get lost(): number {
    return this.#lost;
  }

  /** The number of the oldest record that is still here; that of the next one if none is. */
  get oldestSeq(): number {
    return this.#store.records()[0]?.seq ?? this.#store.nextSeq;
  }

  get nextSeq(): number {
    return this.#store.nextSeq;
  }

  append(record: NewRecord, bootId: string): LogRecord {
    const numbered: LogRecord = { ...record, seq: this.#store.nextSeq, bootId };
    this.#store.append(numbered);
    const tooMany = this.#store.records().length - this.#capacity;
    if (tooMany > 0) {
      this.#store.dropOldest(tooMany);
      this.#lost += tooMany;
    }
    return numbered;
  }

  /** The server has stored everything up to and including `seq`. Returns whether that was news. */
  forget(upToSeq: number): boolean {
    const count = Math.min(upToSeq + 1, this.nextSeq) - this.oldestSeq;
    if (count <= 0) return false;
    this.#store.dropOldest(count);
    return true;
  }

  /** Whether a record of this number was ever made. */
  knows(seq: number): boolean {
    return seq < this.nextSeq;
  }

  /** The record of a number, unless it was forgotten or lost. */
  at(seq: number): LogRecord | undefined {
    return this.#store.records()[seq - this.oldestSeq];
  }

  /** Everything that is here goes, confirmed or not; numbers go on. @returns how many went. */
  wipe(): number {
    const count = this.#store.records().length;
    this.#store.dropOldest(count);
    return count;
  }

  /** Puts other records in the place of those of the same numbers. */
  rewrite(records: readonly LogRecord[]): void {
    for (const record of records) this.#store.replace(record);
  }

  /** What the server has not confirmed yet, in order. */
  unconfirmed(): readonly LogRecord[] {
    return this.#store.records();
  }
}
