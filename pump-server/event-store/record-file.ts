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
import { type LostRecords, type RecordStore, recordOf, type StoredRecord } from './record-store.ts';

/** A line is a record, of which the rest follows from the message, or a stretch that is lost. */
const recordLine = z.strictObject({
  serial: serialSchema,
  message: z.discriminatedUnion('type', [alarmMessage, eventMessage]),
});
const lostLine = z.strictObject({
  serial: serialSchema,
  lost: z.strictObject({ fromSeq: z.int().nonnegative(), toSeq: z.int().nonnegative() }),
});
type Line = z.infer<typeof recordLine> | z.infer<typeof lostLine>;

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
  let lost: LostRecords[];
  let sizeBytes = bytes.lastIndexOf(NEWLINE) + 1;
  try {
    ({ records, lost } = readRecords(bytes.subarray(0, sizeBytes), path));
    if (sizeBytes < bytes.length) ftruncateSync(fd, sizeBytes);
    syncFolder(dirname(path));
  } catch (cause) {
    closeSync(fd);
    throw cause instanceof PumprangeError ? cause : onDisk(path, cause);
  }
  let open = true;
  const writeLine = (line: Line): void => {
    if (!open) throw new PumprangeError('PR_DISK', `${path}: the store is closed`);
    const text = Buffer.from(`${JSON.stringify(line)}\n`, 'utf8');
    try {
      writeWhole(fd, text, write);
      fdatasyncSync(fd);
    } catch (cause) {
      takeBack(fd, sizeBytes);
      throw onDisk(path, cause);
    }
    sizeBytes += text.length;
  };
  return {
    append(record) {
      writeLine({ serial: record.serial, message: record.message });
      records.push(record);
    },
    giveUp(stretch) {
      const { serial, fromSeq, toSeq } = stretch;
      writeLine({ serial, lost: { fromSeq, toSeq } });
      lost.push(stretch);
    },
    lost: () => lost,
    records: () => records,
    close() {
      if (!open) return;
      open = false;
      closeSync(fd);
    },
  };
}

/** The numbers of a pump go on from line to line; a record below them was given up, and came after all. */
function readRecords(bytes: Buffer, path: string): { records: StoredRecord[]; lost: LostRecords[] } {
  const records: StoredRecord[] = [];
  const lost: LostRecords[] = [];
  const next = new Map<Serial, number>();
  const late = new Set<string>();
  for (let start = 0, line = 1; start < bytes.length; line += 1) {
    const end = bytes.indexOf(NEWLINE, start);
    const place = `${path}:${line}`;
    const read = readLine(bytes.subarray(start, end), place);
    const { serial } = read;
    const expected = next.get(serial) ?? 0;
    if ('lost' in read) {
      const { fromSeq, toSeq } = read.lost;
      if (fromSeq !== expected || toSeq < fromSeq) {
        throw invalid(place, `${fromSeq} to ${toSeq} of ${serial} lost where ${expected} is due`);
      }
      lost.push({ serial, fromSeq, toSeq });
      next.set(serial, toSeq + 1);
    } else {
      const record = recordOf(serial, read.message);
      const { seq } = record;
      const key = `${serial} ${seq}`;
      const wasGivenUp =
        seq < expected && !late.has(key) && lost.some((each) => each.serial === serial && isIn(seq, each));
      if (seq !== expected && !wasGivenUp) {
        throw invalid(place, `record ${seq} of ${serial} where ${expected} is due`);
      }
      if (wasGivenUp) late.add(key);
      else next.set(serial, expected + 1);
      records.push(record);
    }
    start = end + 1;
  }
  return { records, lost };
}

function isIn(seq: number, { fromSeq, toSeq }: LostRecords): boolean {
  return seq >= fromSeq && seq <= toSeq;
}

function readLine(bytes: Buffer, place: string): Line {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid(place, 'not JSON');
  }
  const isLoss = typeof value === 'object' && value !== null && 'lost' in value;
  const parsed = (isLoss ? lostLine : recordLine).safeParse(value);
  if (parsed.success) return parsed.data;
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
