import { z } from 'zod';
import { alarmMessage, eventMessage, PumprangeError, serialSchema } from '../../protocol/index.ts';
import { discontinuity, type Entry } from '../event-store/log-continuity.ts';
import {
  type LostRecords,
  type RecordStore,
  recordOf,
  type StoredRecord,
} from '../event-store/record-store.ts';
import type { Database } from './database.ts';
import type { WriteQueue } from './write-queue.ts';

const recordRow = z.object({ place: z.int(), serial: serialSchema, seq: z.int(), message_json: z.string() });
const lostRow = z.object({ place: z.int(), serial: serialSchema, from_seq: z.int(), to_seq: z.int() });
const message = z.discriminatedUnion('type', [alarmMessage, eventMessage]);

export interface PumpLogOptions {
  /** The pumps' logs begin at 0 again: what other pumps of these serial numbers logged before is kept, and is no business of theirs. */
  readonly newSeries: boolean;
  readonly nowMs: number;
}

/**
 * The pumps' logs in their tables. Those of the series under way are held in memory too: what a pump sends is compared with them.
 *
 * @throws PumprangeError `PR_EVENT_STORE_INVALID` for a row that is no record or does not continue the log of its pump; `PR_DISK`
 */
export function pumpLogTables(
  database: Database,
  queue: WriteQueue,
  { newSeries, nowMs }: PumpLogOptions,
): RecordStore {
  const series = seriesOf(database, newSeries, nowMs);
  const entries = readEntries(database, series);
  const records = entries.flatMap((entry) => (entry.kind === 'record' ? entry.record : []));
  const lost = entries.flatMap((entry) => (entry.kind === 'lost' ? entry.lost : []));
  let place = lastPlace(database);
  return {
    append(record) {
      place += 1;
      const at = place;
      queue.add((to) => insertRecord(to, at, series, record));
      records.push(record);
    },
    giveUp(stretch) {
      place += 1;
      const at = place;
      queue.add((to) => insertLost(to, at, series, stretch));
      lost.push(stretch);
    },
    records: () => records,
    lost: () => lost,
  };
}

function seriesOf(database: Database, isNew: boolean, nowMs: number): number {
  const last = database.all('SELECT series FROM pump_log_series ORDER BY series DESC LIMIT 1')[0]?.['series'];
  if (typeof last === 'number' && !isNew) return last;
  const series = typeof last === 'number' ? last + 1 : 1;
  const begunAt = new Date(nowMs).toISOString();
  database.run('INSERT INTO pump_log_series (series, begun_at) VALUES (?, ?)', series, begunAt);
  return series;
}

function readEntries(database: Database, series: number): Entry[] {
  const placed: { readonly place: number; readonly entry: Entry }[] = [];
  const rows = database.all(
    'SELECT place, serial, seq, message_json FROM pump_log WHERE series = ? ORDER BY place',
    series,
  );
  for (const row of rows) {
    const { place, serial, seq, message_json } = parsed(recordRow, row, database, 'pump_log');
    const record = recordOf(serial, messageIn(message_json, database, place));
    if (record.seq !== seq)
      throw invalid(database, `pump_log, place ${place}: the message has another number`);
    placed.push({ place, entry: { kind: 'record', record } });
  }
  const lostRows = database.all(
    'SELECT place, serial, from_seq, to_seq FROM pump_log_lost WHERE series = ? ORDER BY place',
    series,
  );
  for (const row of lostRows) {
    const { place, serial, from_seq, to_seq } = parsed(lostRow, row, database, 'pump_log_lost');
    placed.push({ place, entry: { kind: 'lost', lost: { serial, fromSeq: from_seq, toSeq: to_seq } } });
  }
  const entries = placed.sort((a, b) => a.place - b.place).map(({ entry }) => entry);
  const wrong = discontinuity(entries);
  if (wrong !== undefined) throw invalid(database, `pump_log: ${wrong}`);
  return entries;
}

function lastPlace(database: Database): number {
  const [row] = database.all(
    'SELECT max(place) AS place FROM (SELECT place FROM pump_log UNION ALL SELECT place FROM pump_log_lost)',
  );
  return typeof row?.['place'] === 'number' ? row['place'] : 0;
}

function insertRecord(database: Database, place: number, series: number, record: StoredRecord): void {
  const { serial, seq, stream } = record;
  const what = record.message.type === 'alarm' ? record.message.body.alarm : record.message.body.event;
  database.run(
    `INSERT INTO pump_log (place, series, serial, seq, stream, what, happened_at, message_json)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[place, series, serial, seq, stream, what, record.message.body.happenedAt],
    JSON.stringify(record.message),
  );
}

function insertLost(database: Database, place: number, series: number, lost: LostRecords): void {
  database.run(
    'INSERT INTO pump_log_lost (place, series, serial, from_seq, to_seq) VALUES (?, ?, ?, ?, ?)',
    ...[place, series, lost.serial, lost.fromSeq, lost.toSeq],
  );
}

function messageIn(text: string, database: Database, place: number): z.infer<typeof message> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid(database, `pump_log, place ${place}: not JSON`);
  }
  return parsed(message, value, database, `pump_log, place ${place}`);
}

/** @throws PumprangeError `PR_EVENT_STORE_INVALID` */
export function parsed<S extends z.ZodType>(
  schema: S,
  value: unknown,
  database: Database,
  place: string,
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw invalid(database, `${place}: ${issue?.path.join('.') || 'row'}: ${issue?.message ?? 'does not fit'}`);
}

function invalid({ path }: Database, reason: string): PumprangeError {
  return new PumprangeError('PR_EVENT_STORE_INVALID', `${path}: ${reason}`);
}
