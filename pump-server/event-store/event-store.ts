import { isDeepStrictEqual } from 'node:util';
import type { Serial } from '../../protocol/index.ts';
import { PumpLogOrder, type Stretch } from './pump-log-order.ts';
import { memoryRecords, type RecordStore, type StoredRecord } from './record-store.ts';

/** Records of one pump that wait for a gap to be filled; a pump sends 500 at once. */
const MOST_WAITING = 1_000;

/** What became of a record, and of those before it that its pump no longer has. */
export type Taken = Outcome & {
  /** Given up just now, ascending; absent: nothing was. */
  readonly lost?: readonly Loss[];
};

/** `gone`: its pump no longer has it; `unreadable`: what its pump sends for it follows no schema. */
export interface Loss extends Stretch {
  readonly why: 'gone' | 'unreadable';
}

/** `upToSeq`: the log of its pump is stored up to there, without a gap but for what is lost; `null`: nothing is. */
type Outcome =
  | { readonly outcome: 'stored' | 'repeated' | 'given-up'; readonly upToSeq: number | null }
  /** Something is missing before it. */
  | { readonly outcome: 'waiting'; readonly missingSeq: number }
  /** It is too far ahead of a gap to be kept; its pump sends it again. */
  | { readonly outcome: 'dropped' }
  /** Another record has this number already: the pump's log began anew, or one of the two is forged. */
  | { readonly outcome: 'conflict' }
  /** The store did not take it; its pump sends it again. */
  | { readonly outcome: 'not-stored'; readonly cause: unknown };

/** Numbers that are missing in the log of a pump, while later ones wait. */
export interface Gap extends Stretch {
  readonly serial: Serial;
}

/**
 * The logs of all pumps: each record once, and in the order of its pump, whatever the network repeats, delays or lets
 * overtake. What waits behind a gap is in memory only: it has no receipt, so its pump keeps it. A gap closes when its records come, or when
 * the pump says that it no longer has them.
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
    for (const record of store.records()) {
      const log = this.#logOf(record.serial);
      // The store takes a record behind others only once these are given up.
      if (record.seq > log.nextSeq) log.giveUp(record.seq - 1);
      log.append(record);
    }
    for (const { serial, toSeq } of store.lost()) this.#logOf(serial).giveUp(toSeq);
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

  /** The number that is due while later ones wait for it; `undefined` if none does. */
  missing(serial: Serial): number | undefined {
    const log = this.#logs.get(serial);
    return log === undefined || log.waiting === 0 ? undefined : log.nextSeq;
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
    const lost: Loss[] = [];
    let outcome: Outcome;
    try {
      // A record that its pump sends it has: it cannot be older than the oldest one.
      this.#giveUp(log, serial, Math.min(record.message.body.oldestSeq ?? 0, seq), lost);
      if (seq > log.nextSeq) this.#goOn(log, serial, lost);
      outcome = seq > log.nextSeq ? this.#wait(log, record) : this.#append(log, record, lost);
    } catch (cause) {
      outcome = { outcome: 'not-stored', cause };
    }
    return lost.length === 0 ? outcome : { ...outcome, lost };
  }

  /**
   * Gives up the number of a record that came and cannot be read: as soon as it is due, the log goes on behind it. It is told in `lost`
   * then. One that is readable after all is still stored.
   */
  giveUp(serial: Serial, seq: number): Taken {
    const log = this.#logOf(serial);
    if (log.at(seq) !== undefined) {
      this.#conflicts += 1;
      return { outcome: 'conflict' };
    }
    if (seq < log.nextSeq) return { outcome: 'repeated', upToSeq: log.upToSeq };
    if (!log.giveUpAhead(seq, this.#mostWaiting)) {
      this.#dropped += 1;
      return { outcome: 'dropped' };
    }
    const lost: Loss[] = [];
    this.#goOn(log, serial, lost);
    if (log.nextSeq <= seq) return { outcome: 'waiting', missingSeq: log.nextSeq };
    return { outcome: 'given-up', upToSeq: log.upToSeq, lost };
  }

  /** Goes on with what the pump still has. What waits below that is stored; the rest is lost, and told in `lost`. */
  #giveUp(log: PumpLogOrder<StoredRecord>, serial: Serial, oldestSeq: number, lost: Loss[]): void {
    while (log.nextSeq < oldestSeq) {
      const due = log.at(log.nextSeq);
      if (due !== undefined) {
        this.#store.append(due);
        log.append(due);
        continue;
      }
      const [gap] = log.gaps();
      const stretch = {
        fromSeq: log.nextSeq,
        toSeq: Math.min(gap?.toSeq ?? oldestSeq - 1, oldestSeq - 1),
      };
      this.#store.giveUp({ serial, ...stretch });
      log.giveUp(stretch.toSeq);
      lost.push({ ...stretch, why: 'gone' });
    }
  }

  #wait(log: PumpLogOrder<StoredRecord>, record: StoredRecord): Outcome {
    const given = log.wait(record, this.#mostWaiting);
    if (given !== undefined) this.#dropped += 1;
    if (given === record) return { outcome: 'dropped' };
    return { outcome: 'waiting', missingSeq: log.nextSeq };
  }

  /** Stores a record that is due or was given up, and what waited for it. Throws if it cannot be stored itself. */
  #append(log: PumpLogOrder<StoredRecord>, record: StoredRecord, lost: Loss[]): Outcome {
    this.#store.append(record);
    log.append(record);
    this.#goOn(log, record.serial, lost);
    return { outcome: 'stored', upToSeq: log.upToSeq };
  }

  /** Stores what waited and is due now, and passes over what is not to be waited for. */
  #goOn(log: PumpLogOrder<StoredRecord>, serial: Serial, lost: Loss[]): void {
    for (;;) {
      const { nextSeq } = log;
      const due = log.at(nextSeq);
      if (due === undefined && !log.isDueGivenUp) return;
      try {
        if (due === undefined) this.#store.giveUp({ serial, fromSeq: nextSeq, toSeq: nextSeq });
        else this.#store.append(due);
      } catch {
        // Those before it are stored, so the log has moved on; those after it go on waiting.
        return;
      }
      if (due === undefined) {
        log.giveUp(nextSeq);
        lost.push({ fromSeq: nextSeq, toSeq: nextSeq, why: 'unreadable' });
      } else log.append(due);
    }
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

/** A repetition has a time and an oldest number of its own; the record is what happened, and in which boot. */
function isSameRecord(a: StoredRecord, b: StoredRecord): boolean {
  return a.stream === b.stream && a.bootId === b.bootId && isDeepStrictEqual(happeningOf(a), happeningOf(b));
}

function happeningOf({ message }: StoredRecord): object {
  const { oldestSeq: _, ...happening } = message.body;
  return happening;
}
