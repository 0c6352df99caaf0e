import type { AlarmMessage, EventMessage } from '../../protocol/index.ts';

/** One record of the pump's own log; `seq` counts over alarms and events together and goes on over boots. */
export type LogRecord =
  | {
      readonly seq: number;
      readonly bootId: string;
      readonly stream: 'alarm';
      readonly body: AlarmMessage['body'];
    }
  | {
      readonly seq: number;
      readonly bootId: string;
      readonly stream: 'event';
      readonly body: EventMessage['body'];
    };

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
  #records: LogRecord[] = [];
  #nextSeq = 0;
  #lost = 0;

  get lost(): number {
    return this.#lost;
  }

  append(record: NewRecord, bootId: string): LogRecord {
    const numbered: LogRecord = { ...record, seq: this.#nextSeq, bootId };
    this.#nextSeq += 1;
    this.#records.push(numbered);
    if (this.#records.length > CAPACITY) {
      this.#records.shift();
      this.#lost += 1;
    }
    return numbered;
  }

  /** The server has stored everything up to and including `seq`. Returns whether that was news. */
  forget(upToSeq: number): boolean {
    const [oldest] = this.#records;
    if (oldest === undefined || oldest.seq > upToSeq) return false;
    this.#records = this.#records.filter((record) => record.seq > upToSeq);
    return true;
  }

  /** Whether a record of this number was ever made. */
  knows(seq: number): boolean {
    return seq < this.#nextSeq;
  }

  /** What the server has not confirmed yet, in order. */
  unconfirmed(): readonly LogRecord[] {
    return this.#records;
  }
}
