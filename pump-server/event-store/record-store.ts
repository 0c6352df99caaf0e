import type { AlarmMessage, EventMessage, Serial } from '../../protocol/index.ts';
import type { Stretch } from './pump-log-order.ts';

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

/** Records that neither the server nor their pump has any more. */
export interface LostRecords extends Stretch {
  readonly serial: Serial;
}

/** Where records stay. What calls it has put them in order. They are durable once the store that this is a part of is flushed. */
export interface RecordStore {
  /** @throws PumprangeError `PR_DISK` if too many wait for a disk that takes none; then it is not taken */
  append(record: StoredRecord): void;
  /** Writes down that records are lost; their pump's log goes on behind them. @throws PumprangeError `PR_DISK` as above */
  giveUp(lost: LostRecords): void;
  /** In storing order. */
  records(): readonly StoredRecord[];
  /** In storing order. One of them may have come after all. */
  lost(): readonly LostRecords[];
}

export function recordOf(serial: Serial, message: AlarmMessage | EventMessage): StoredRecord {
  return { serial, stream: message.type, bootId: message.bootId, seq: message.seq, message };
}

/** It forgets with the process. */
export function memoryRecords(): RecordStore {
  const records: StoredRecord[] = [];
  const lost: LostRecords[] = [];
  return {
    append: (record) => records.push(record),
    giveUp: (stretch) => lost.push(stretch),
    records: () => records,
    lost: () => lost,
  };
}
