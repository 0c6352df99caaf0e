import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import {
  alarmMessage,
  eventMessage,
  PumprangeError,
  type Serial,
  serialSchema,
} from '../../protocol/index.ts';
import { type RecordStore, recordOf, type StoredRecord } from './record-store.ts';

/** One line: the rest of a record follows from the message. */
const lineSchema = z.strictObject({
  serial: serialSchema,
  message: z.discriminatedUnion('type', [alarmMessage, eventMessage]),
});

const NEWLINE = 0x0a;

/** How the file is written; a test puts a full disk here. Returns how many bytes were taken. */
export type WriteBytes = (fd: number, bytes: Uint8Array) => number;

/**
 * Records as lines of JSON in a file of mode 0600, which is made if it is not there. A last line without an end, as a
 * crash leaves it, is cut off: no receipt went out for it, so its pump still has it.
 *
 * All records are held in memory too; a store for years of records is another implementation of the port.
 *
 * @throws PumprangeError `PR_DISK` if the file cannot be opened, `PR_EVENT_STORE_INVALID` if a whole line is no record
 *   or does not continue the log of its pump
 */
export function openRecordFile(path: string, write: WriteBytes = writeSync): RecordStore {
  let bytes: Buffer;
  let fd: number;
  try {
    fd = openSync(path, 'a+', 0o600);
    bytes = readFileSync(path);
  } catch (cause) {
    throw onDisk(path, cause);
  }
  let records: StoredRecord[];
  let sizeBytes = bytes.lastIndexOf(NEWLINE) + 1;
  try {
    records = readRecords(bytes.subarray(0, sizeBytes), path);
    if (sizeBytes < bytes.length) ftruncateSync(fd, sizeBytes);
    syncFolder(dirname(path));
  } catch (cause) {
    closeSync(fd);
    throw cause instanceof PumprangeError ? cause : onDisk(path, cause);
  }
  let open = true;
  return {
    append(record) {
      if (!open) throw new PumprangeError('PR_DISK', `${path}: the store is closed`);
      const line = Buffer.from(
        `${JSON.stringify({ serial: record.serial, message: record.message })}\n`,
        'utf8',
      );
      try {
        writeWhole(fd, line, write);
        fdatasyncSync(fd);
      } catch (cause) {
        takeBack(fd, sizeBytes);
        throw onDisk(path, cause);
      }
      sizeBytes += line.length;
      records.push(record);
    },
    records: () => records,
    close() {
      if (!open) return;
      open = false;
      closeSync(fd);
    },
  };
}

function readRecords(bytes: Buffer, path: string): StoredRecord[] {
  const records: StoredRecord[] = [];
  const next = new Map<Serial, number>();
  for (let start = 0, line = 1; start < bytes.length; line += 1) {
    const end = bytes.indexOf(NEWLINE, start);
    const record = readRecord(bytes.subarray(start, end), `${path}:${line}`);
    const expected = next.get(record.serial) ?? 0;
    if (record.seq !== expected) {
      throw invalid(`${path}:${line}`, `record ${record.seq} of ${record.serial} where ${expected} is due`);
    }
    next.set(record.serial, expected + 1);
    records.push(record);
    start = end + 1;
  }
  return records;
}

function readRecord(bytes: Buffer, place: string): StoredRecord {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid(place, 'not JSON');
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return recordOf(parsed.data.serial, parsed.data.message);
  const issue = parsed.error.issues[0];
  throw invalid(place, `${issue?.path.join('.') || 'line'}: ${issue?.message ?? 'does not fit'}`);
}

function writeWhole(fd: number, bytes: Uint8Array, write: WriteBytes): void {
  for (let written = 0; written < bytes.length; ) {
    const count = write(fd, bytes.subarray(written));
    if (count <= 0) throw new Error('nothing was written');
    written += count;
  }
}

/** A piece of a line would corrupt the next one; cutting off works on a full disk too. */
function takeBack(fd: number, sizeBytes: number): void {
  try {
    ftruncateSync(fd, sizeBytes);
  } catch {
    // The error that led here is the one to tell.
  }
}

/** So that the name of a new file survives a power cut too. Not every system lets folders be synchronised. */
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // The file itself is there.
  }
}

function onDisk(path: string, cause: unknown): PumprangeError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new PumprangeError('PR_DISK', `${path}: ${reason}`, { cause });
}

function invalid(place: string, reason: string): PumprangeError {
  return new PumprangeError('PR_EVENT_STORE_INVALID', `${place}: ${reason}`);
}
