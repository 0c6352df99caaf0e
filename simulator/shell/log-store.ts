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

/** The memory in which a pump keeps its log: what stands in it outlives the running software and the supply. */
export interface LogStore {
  /** The number of the next record; it never goes back. */
  readonly nextSeq: number;
  /** In order, without a gap up to `nextSeq`. */
  records(): readonly LogRecord[];
  /** Takes the record of the number `nextSeq`. */
  append(record: LogRecord): void;
  /** Forgets so many of the oldest records. */
  dropOldest(count: number): void;
  /** Puts another record in the place of that of the same number, if it is here. */
  replace(record: LogRecord): void;
}

/** A memory that lives as long as the process, as the flash of a virtual pump does. */
export function memoryLog(): LogStore {
  const records: LogRecord[] = [];
  let nextSeq = 0;
  return {
    get nextSeq() {
      return nextSeq;
    },
    records: () => records,
    append(record) {
      records.push(record);
      nextSeq = record.seq + 1;
    },
    dropOldest(count) {
      records.splice(0, count);
    },
    replace(record) {
      const index = records.findIndex(({ seq }) => seq === record.seq);
      if (index >= 0) records[index] = record;
    },
  };
}
