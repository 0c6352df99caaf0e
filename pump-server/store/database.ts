import { closeSync, fchmodSync, openSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import Libsql from 'libsql';
import { PumprangeError } from '../../protocol/index.ts';

/** What stands in a column. A blob that is read is a `Uint8Array` of its own. */
export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, unknown>>;

/** A SQLite database, as much of it as the store needs. Every call is synchronous. */
export interface Database {
  readonly path: string;
  /** Runs statements that have no parameters. @throws PumprangeError as `run` does */
  exec(sql: string): void;
  /** @throws PumprangeError `PR_DISK` if it could not be written, `PR_EVENT_STORE_INVALID` if the database is damaged */
  run(sql: string, ...values: readonly Value[]): void;
  /** @throws PumprangeError as `run` does */
  all(sql: string, ...values: readonly Value[]): readonly Row[];
  /** All of it is on the disk when this returns, or nothing of it is there. @throws PumprangeError as `run` does */
  transaction(work: () => void): void;
  /** Brings what stands in the write-ahead log into the file itself. @throws PumprangeError as `run` does */
  checkpoint(): void;
  /** libsql lets go of the file once its statements are collected: what is to be in the file by now has to be brought there before. */
  close(): void;
}

/** How long a write waits for another process that is writing, e.g. somebody's SQLite tool. The ward stands still for so long. */
const BUSY_TIMEOUT_MS = 100;

/**
 * Opens a database file, which is made with mode 0600 if it is not there. SQLite gives the files that it keeps beside it the same mode.
 *
 * @throws PumprangeError `PR_DISK` if it cannot be opened, `PR_EVENT_STORE_INVALID` if it is something else
 */
export function openDatabase(
  path: string,
  { readOnly = false }: { readonly readOnly?: boolean } = {},
): Database {
  try {
    if (!readOnly) ownerOnly(path);
    const libsql = new Libsql(readOnly ? `${pathToFileURL(path).href}?mode=ro` : path);
    libsql.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return over(libsql, path);
  } catch (error) {
    throw coded(path, error);
  }
}

function over(libsql: Libsql.Database, path: string): Database {
  const statements = new Map<string, Libsql.Statement>();
  const prepared = (sql: string): Libsql.Statement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = libsql.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const guarded = <T>(work: () => T): T => {
    if (!libsql.open) throw new PumprangeError('PR_DISK', `${path}: the store is closed`);
    try {
      return work();
    } catch (error) {
      throw coded(path, error);
    }
  };
  return {
    path,
    exec: (sql) => guarded(() => void libsql.exec(sql)),
    run: (sql, ...values) => guarded(() => void prepared(sql).run([...values])),
    all: (sql, ...values) =>
      guarded(() =>
        prepared(sql)
          .all([...values])
          .map(rowOf),
      ),
    transaction: (work) =>
      guarded(() => {
        libsql.exec('BEGIN IMMEDIATE');
        try {
          work();
          libsql.exec('COMMIT');
        } catch (error) {
          rollBack(libsql);
          throw error;
        }
      }),
    checkpoint: () => guarded(() => void libsql.prepare('PRAGMA wal_checkpoint(TRUNCATE)').all()),
    close: () => {
      statements.clear();
      if (libsql.open) libsql.close();
    },
  };
}

/** A full disk may have rolled back already, and then there is nothing to roll back. */
function rollBack(libsql: Libsql.Database): void {
  try {
    if (libsql.inTransaction) libsql.exec('ROLLBACK');
  } catch {
    // The error that led here is the one to tell.
  }
}

function rowOf(row: unknown): Row {
  if (typeof row !== 'object' || row === null) throw new TypeError('a row is no object');
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof ArrayBuffer ? new Uint8Array(value) : value,
    ]),
  );
}

/** SQLite would make it for everybody to read. */
function ownerOnly(path: string): void {
  const file = openSync(path, 'a', 0o600);
  try {
    fchmodSync(file, 0o600);
  } finally {
    closeSync(file);
  }
}

/** What SQLite says of a file that is no database, or of which pages are missing. */
const DAMAGED = /^SQLITE_(?:NOTADB|CORRUPT)/;

function coded(path: string, error: unknown): PumprangeError {
  if (error instanceof PumprangeError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const message = error instanceof Error ? error.message : String(error);
  // A constraint that does not hold was edited into it, or is a fault of ours; both are refused.
  const isInvalid = DAMAGED.test(code) || code.startsWith('SQLITE_CONSTRAINT') || code === 'SQLITE_ERROR';
  const reason = /^E[A-Z]+$/.test(code) ? code : message;
  return new PumprangeError(isInvalid ? 'PR_EVENT_STORE_INVALID' : 'PR_DISK', `${path}: ${reason}`, {
    cause: error,
  });
}
