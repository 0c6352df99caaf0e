import type { AlarmMessage, EventMessage, Serial } from '../../protocol/index.ts';

/** One record of a pump's log, as it came. */
export interface StoredRecord {
  readonly serial: Serial;
  readonly stream: 'alarm' | 'event';
  /** Of the boot that made the record, which may be an earlier one of the pump. */
  readonly bootId: string;
  /** Counts over alarms and events of one pump together, from 0, and goes on over its boots. */
  readonly seq: number;
  readonly message: AlarmMessage | EventMessage;
}

/** Where records stay. What calls it has put them in order. */
export interface RecordStore {
  /** The record is durable when this returns; a receipt may go out. @throws PumprangeError `PR_DISK`; then nothing is stored. */
  append(record: StoredRecord): void;
  /** In storing order. */
  records(): readonly StoredRecord[];
  close(): void;
}

export function recordOf(serial: Serial, message: AlarmMessage | EventMessage): StoredRecord {
  return { serial, stream: message.type, bootId: message.bootId, seq: message.seq, message };
}

/** The in-memory twin of `openRecordFile`: it forgets with the process. */
export function memoryRecords(): RecordStore {
  const records: StoredRecord[] = [];
  return { append: (record) => records.push(record), records: () => records, close: () => undefined };
}
