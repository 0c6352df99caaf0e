import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmMessage, EventMessage } from '../../../protocol/index.ts';
import { recordOf } from '../../../pump-server/event-store/record-store.ts';
import { openServerStore, readAdoptionStore } from '../../../pump-server/index.ts';
import { type Database, openDatabase } from '../../../pump-server/store/database.ts';
import { hasTool } from '../../helpers/require-tool.ts';
import { FakePump, OTHER, SERIAL, START_MS } from '../fake-link.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-store-'));
  path = join(dir, 'pump-server.sqlite');
});
afterEach(() => rmSync(dir, { recursive: true }));

const pump = new FakePump();
const first = recordOf(SERIAL, pump.alarm(0) as AlarmMessage);
const second = recordOf(SERIAL, pump.event(1) as EventMessage);
const event = (seq: number) => recordOf(SERIAL, pump.event(seq) as EventMessage);

const open = (newSeries = false) => openServerStore(path, { newSeries, nowMs: START_MS });

function filled(): void {
  const store = open();
  store.records.append(first);
  store.records.append(second);
  store.flush();
  store.close();
}

function edited(...statements: readonly string[]): void {
  const database = openDatabase(path);
  for (const statement of statements) database.exec(statement);
  database.checkpoint();
  database.close();
}

describe('openServerStore', () => {
  it('has the records again after a restart, and only its owner may read them', () => {
    filled();
    const again = open();
    expect(again.records.records()).toEqual([first, second]);
    const other = recordOf(OTHER, new FakePump(OTHER).event(0) as EventMessage);
    again.records.append(other);
    again.flush();
    for (const file of ['', '-wal', '-shm']) expect(statSync(path + file).mode & 0o777).toBe(0o600);
    again.close();
    expect(open().records.records()).toEqual([first, second, other]);
  });

  it('has what was given up again after a restart, and what came of it after all', () => {
    filled();
    const store = open();
    const lost = { serial: SERIAL, fromSeq: 2, toSeq: 4 };
    store.records.giveUp(lost);
    store.records.append(event(5));
    store.records.append(event(3));
    store.flush();
    store.close();
    const again = open();
    expect(again.records.records()).toEqual([first, second, event(5), event(3)]);
    expect(again.records.lost()).toEqual([lost]);
  });

  it('keeps what other pumps of the same serial numbers logged, and begins anew for those that are made anew', () => {
    filled();
    const store = open(true);
    expect(store.records.records()).toEqual([]);
    store.records.append(first);
    store.flush();
    store.close();
    expect(open().records.records()).toEqual([first]);
    const database = openDatabase(path, { readOnly: true });
    expect(database.all('SELECT series, count(*) AS n FROM pump_log GROUP BY series')).toEqual([
      { series: 1, n: 2 },
      { series: 2, n: 1 },
    ]);
    database.close();
  });

  it.skipIf(!hasTool('sqlite3'))('is read by any SQLite tool, also while the server has it open', () => {
    const store = open();
    store.records.append(first);
    store.flush();
    const ask = (sql: string): string =>
      execFileSync('sqlite3', ['-readonly', path, sql], { encoding: 'utf8' }).trim();
    expect(ask('SELECT serial, seq, stream, what, happened_at FROM pump_log')).toBe(
      'LVP-0001|0|alarm|occlusion|2026-03-02T06:00:00.000Z',
    );
    expect(ask('SELECT text FROM notice LIMIT 1')).toBe('TRAINING, NOT FOR HUMAN USE');
    expect(ask('PRAGMA integrity_check')).toBe('ok');
    store.close();
  });

  it('says in every table of libraries and releases what it is not for', () => {
    filled();
    const database = openDatabase(path, { readOnly: true });
    for (const table of ['releases', 'library_adoption', 'pumps']) {
      const columns = database.all(`SELECT name, dflt_value FROM pragma_table_info('${table}')`);
      expect(columns).toContainEqual({ name: 'notice', dflt_value: "'TRAINING, NOT FOR HUMAN USE'" });
    }
    database.close();
  });

  it.each([
    ['a message that is none', "UPDATE pump_log SET message_json = 'nonsense' WHERE seq = 1", /not JSON/],
    [
      'a message of another kind',
      "UPDATE pump_log SET message_json = '{}' WHERE seq = 1",
      /pump_log, place 2/,
    ],
    ['a record under another number', 'UPDATE pump_log SET seq = 7 WHERE seq = 1', /has another number/],
    ['a record that is missing', 'DELETE FROM pump_log WHERE seq = 0', /record 1 of LVP-0001 where 0 is due/],
    [
      'a loss of what is there',
      "INSERT INTO pump_log_lost VALUES (9, 1, 'LVP-0001', 1, 4)",
      /1 to 4 of LVP-0001 lost where 2 is due/,
    ],
    ['a newer version', 'PRAGMA user_version = 99', /of a newer Pumprange: version 99/],
    ['another owner', 'PRAGMA application_id = 7', /database of something else/],
  ])('refuses %s, and leaves it as it is', (_what, statement, message) => {
    filled();
    edited(statement);
    const before = readFileSync(path);
    expect(() => open()).toThrow(message);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'PR_EVENT_STORE_INVALID' }));
    expect(readFileSync(path)).toEqual(before);
  });

  it('leaves a file alone that is no database, or that of somebody else', () => {
    const foreign: readonly (() => void)[] = [
      () => writeFileSync(path, 'nonsense, and more than a page of it '.repeat(200)),
      () => edited('CREATE TABLE recipes (dish TEXT)', "INSERT INTO recipes VALUES ('soup')"),
    ];
    for (const make of foreign) {
      rmSync(path, { force: true });
      make();
      const before = readFileSync(path);
      expect(() => open()).toThrow(expect.objectContaining({ code: 'PR_EVENT_STORE_INVALID' }));
      expect(readFileSync(path)).toEqual(before);
    }
  });

  it('says so of a database that was torn, wherever it was, and makes it no worse', () => {
    filled();
    const whole = readFileSync(path);
    expect(whole.length).toBeGreaterThan(40_000);
    for (let size = 4_096; size < whole.length; size += 4_096) refusesUntouched(whole.subarray(0, size));
  });

  it('says so of a page that was overwritten, also where nothing would have read it', () => {
    filled();
    edited("INSERT INTO artifacts VALUES ('of an old release', zeroblob(40000))");
    const whole = readFileSync(path);
    // Its last pages hold that content, one after the other.
    for (let from = whole.length - 8 * 4_096; from < whole.length; from += 4_096) {
      const damaged = Buffer.from(whole);
      damaged.fill(0xee, from, from + 4_096);
      refusesUntouched(damaged);
    }
  });

  it('keeps what the disk does not take, and writes it when it does again', () => {
    filled();
    const store = open();
    const release = stuck(path);
    store.records.append(event(2));
    expect(() => store.flush()).toThrow(expect.objectContaining({ code: 'PR_DISK' }));
    expect(store.records.records()).toHaveLength(3);
    release();
    store.flush();
    store.close();
    expect(open().records.records()).toEqual([first, second, event(2)]);
  });

  it('takes no more than so much while the disk takes nothing', () => {
    filled();
    const store = open();
    const release = stuck(path);
    for (let seq = 2; seq < 10_002; seq += 1) store.records.append(event(seq));
    expect(() => store.records.append(event(10_002))).toThrow(expect.objectContaining({ code: 'PR_DISK' }));
    expect(store.records.records()).toHaveLength(10_002);
    release();
    store.flush();
    store.close();
    expect(open().records.records()).toHaveLength(10_002);
  });

  it('says that it cannot open what is no file', () => {
    for (const where of [dir, join(dir, 'missing', 'x')]) {
      expect(() => openServerStore(where, { newSeries: false, nowMs: START_MS })).toThrow(
        expect.objectContaining({ code: 'PR_DISK' }),
      );
    }
  });
});

describe('readAdoptionStore', () => {
  it('reads what a server has left, and makes nothing where there was none', () => {
    expect(() => readAdoptionStore(path)).toThrow(expect.objectContaining({ code: 'PR_FILE_UNREADABLE' }));
    expect(existsSync(path)).toBe(false);
    filled();
    const { releases, adoption } = readAdoptionStore(path);
    expect([releases.releases(), adoption.changes(), adoption.pumps()]).toEqual([[], [], []]);
  });
});

describe('a full disk', () => {
  it('undoes a transaction whole', () => {
    const database: Database = openDatabase(path);
    database.exec('CREATE TABLE t (text TEXT)');
    database.exec('PRAGMA max_page_count = 3');
    const fill = (): void => {
      for (let row = 0; row < 100; row += 1) database.run('INSERT INTO t VALUES (?)', 'x'.repeat(500));
    };
    expect(() => database.transaction(fill)).toThrow(expect.objectContaining({ code: 'PR_DISK' }));
    expect(database.all('SELECT count(*) AS n FROM t')).toEqual([{ n: 0 }]);
    database.exec('PRAGMA max_page_count = 1000');
    database.transaction(fill);
    expect(database.all('SELECT count(*) AS n FROM t')).toEqual([{ n: 100 }]);
    database.close();
  });
});

let files = 0;

/** Of a database with these bytes, in a file of its own. */
function refusesUntouched(bytes: Buffer): void {
  files += 1;
  const file = join(dir, `damaged-${files}.sqlite`);
  writeFileSync(file, bytes);
  expect(() => openServerStore(file, { newSeries: false, nowMs: START_MS })).toThrow(
    expect.objectContaining({ code: 'PR_EVENT_STORE_INVALID' }),
  );
  expect(readFileSync(file)).toEqual(bytes);
}

/** Somebody else writes, and does not end until told: to us that is a disk that takes nothing. */
function stuck(where: string): () => void {
  const database = openDatabase(where);
  database.exec('BEGIN IMMEDIATE');
  return () => {
    database.exec('COMMIT');
    database.close();
  };
}
