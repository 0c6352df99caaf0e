import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../../pump-server/store/database.ts';
import { WriteQueue } from '../../../pump-server/store/write-queue.ts';

let dir: string;
let database: Database;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-queue-'));
  database = openDatabase(join(dir, 'q.sqlite'));
  database.exec('CREATE TABLE t (n INTEGER NOT NULL)');
});
afterEach(() => {
  database.close();
  rmSync(dir, { recursive: true });
});

const insert = (n: number) => (to: Database) => to.run('INSERT INTO t VALUES (?)', n);
const rows = () => database.all('SELECT n FROM t ORDER BY rowid').map(({ n }) => n);

it('what is written now goes with all that waits, as one: both are there, or neither', () => {
  const queue = new WriteQueue(database);
  queue.add(insert(1));
  const broken = (to: Database): void => {
    to.run('INSERT INTO t VALUES (2)');
    throw new Error('the power goes');
  };
  expect(() => queue.now(broken)).toThrow('the power goes');
  expect(rows()).toEqual([]);
  // What waited waits on.
  queue.now(insert(3));
  expect(rows()).toEqual([1, 3]);
  queue.flush();
  expect(rows()).toEqual([1, 3]);
});

it('keeps its order however much waits', () => {
  const queue = new WriteQueue(database);
  for (let n = 0; n < 2_500; n += 1) queue.add(insert(n));
  queue.now(insert(2_500));
  expect(rows()).toEqual(Array.from({ length: 2_501 }, (_, n) => n));
});
