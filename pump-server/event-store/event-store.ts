import { isDeepStrictEqual } from 'node:util';
import type { Serial } from '../../protocol/index.ts';
import { PumpLogOrder } from './pump-log-order.ts';
import { memoryRecords, type RecordStore, type StoredRecord } from './record-store.ts';

/** Records of one pump that wait for a gap to be filled; a pump sends 500 at once. */
const MOST_WAITING = 1_000;

/** What became of a record. `upToSeq`: the log of its pump is stored up to there without a gap; `null`: nothing is. */
export type Taken =
  | { readonly outcome: 'stored' | 'repeated'; readonly upToSeq: number | null }
  /** Something is missing before it. `opensGap`: nothing of this pump waited before. */
  | { readonly outcome: 'waiting'; readonly opensGap: boolean; readonly missingSeq: number }
  /** It is too far ahead of a gap to be kept; its pump sends it again. */
  | { readonly outcome: 'dropped' }
  /** Another record has this number already: the pump's log began anew, or one of the two is forged. */
  | { readonly outcome: 'conflict' }
  /** The store did not take it; its pump sends it again. */
  | { readonly outcome: 'not-stored'; readonly cause: unknown };

/** Numbers that are missing in the log of a pump, both ends included, while later ones wait. */
export interface Gap {
  readonly serial: Serial;
  readonly fromSeq: number;
  readonly toSeq: number;
}

/**
 * The logs of all pumps: each record once, and in the order of its pump, whatever the network repeats, delays or lets
 * overtake. What waits behind a gap is in memory only: it has no receipt, so its pump keeps it.
 */
export class EventStore {
  readonly #store: RecordStore;
  readonly #mostWaiting: number;
  readonly #logs = new Map<Serial, PumpLogOrder<StoredRecord>>();
  #duplicates = 0;
  #conflicts = 0;
  #dropped = 0;

  constructor(store: RecordStore = memoryRecords(), mostWaiting = MOST_WAITING) {
    this.#store = store;
    this.#mostWaiting = mostWaiting;
    for (const record of store.records()) this.#logOf(record.serial).append(record);
  }

  /** Records that came again. */
  get duplicates(): number {
    return this.#duplicates;
  }

  /** Records that came under the number of another one. */
  get conflicts(): number {
    return this.#conflicts;
  }

  /** Records that came too far ahead of a gap to be kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** In storing order, for all pumps together. */
  stored(): readonly StoredRecord[] {
    return this.#store.records();
  }

  gaps(): readonly Gap[] {
    return [...this.#logs].flatMap(([serial, log]) => log.gaps().map((gap) => ({ serial, ...gap })));
  }

  take(record: StoredRecord): Taken {
    const { serial, seq } = record;
    const log = this.#logOf(serial);
    const known = log.at(seq);
    if (known !== undefined && !isSameRecord(known, record)) {
      this.#conflicts += 1;
      return { outcome: 'conflict' };
    }
    // One that waits although it is due is one that the store did not take before.
    if (known !== undefined && seq !== log.nextSeq) {
      this.#duplicates += 1;
      return { outcome: 'repeated', upToSeq: log.upToSeq };
    }
    if (seq > log.nextSeq) return this.#wait(log, record);
    return this.#append(log, record);
  }

  close(): void {
    this.#store.close();
  }

  #wait(log: PumpLogOrder<StoredRecord>, record: StoredRecord): Taken {
    const opensGap = log.waiting === 0;
    const given = log.wait(record, this.#mostWaiting);
    if (given !== undefined) this.#dropped += 1;
    if (given === record) return { outcome: 'dropped' };
    return { outcome: 'waiting', opensGap, missingSeq: log.nextSeq };
  }

  /** Stores a record that is due, and what waited for it. */
  #append(log: PumpLogOrder<StoredRecord>, record: StoredRecord): Taken {
    for (let due: StoredRecord | undefined = record; due !== undefined; due = log.at(log.nextSeq)) {
      try {
        this.#store.append(due);
      } catch (cause) {
        // Those before it are stored, so the log has moved on; those after it go on waiting.
        if (due !== record) break;
        return { outcome: 'not-stored', cause };
      }
      log.append(due);
    }
    return { outcome: 'stored', upToSeq: log.upToSeq };
  }

  #logOf(serial: Serial): PumpLogOrder<StoredRecord> {
    let log = this.#logs.get(serial);
    if (log === undefined) {
      log = new PumpLogOrder();
      this.#logs.set(serial, log);
    }
    return log;
  }
}

/** The envelope of a repetition has a time of its own; the record is what happened, and in which boot. */
function isSameRecord(a: StoredRecord, b: StoredRecord): boolean {
  return a.stream === b.stream && a.bootId === b.bootId && isDeepStrictEqual(a.message.body, b.message.body);
}
