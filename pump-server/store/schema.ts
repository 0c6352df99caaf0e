import { PumprangeError } from '../../protocol/index.ts';
import type { Database } from './database.ts';

/** `PUMP` in ASCII: `file` and SQLite tools show it, and a database of somebody else is not touched. */
const APPLICATION_ID = 0x50554d50;
export const BANNER = 'TRAINING, NOT FOR HUMAN USE';

/**
 * How the database became what it is: each entry leads from one version to the next, and none is ever changed. Times are RFC 3339 in UTC,
 * so that whoever looks at it with another tool can read them.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE notice (text TEXT NOT NULL) STRICT;
  INSERT INTO notice VALUES ('${BANNER}'), ('Pumprange pump server: simulated pumps, libraries and logs.');

  -- Simulated pumps that are made anew begin their logs at 0 again: each such beginning is a series.
  CREATE TABLE pump_log_series (
    series INTEGER PRIMARY KEY,
    begun_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE pump_log (
    place INTEGER PRIMARY KEY, -- in storing order, with the places of pump_log_lost
    series INTEGER NOT NULL REFERENCES pump_log_series,
    serial TEXT NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 0),
    stream TEXT NOT NULL CHECK (stream IN ('alarm', 'event')),
    what TEXT NOT NULL, -- the alarm or the event
    happened_at TEXT NOT NULL,
    message_json TEXT NOT NULL, -- as the pump sent it, with its signatures
    UNIQUE (series, serial, seq)
  ) STRICT;

  CREATE TABLE pump_log_lost (
    place INTEGER PRIMARY KEY,
    series INTEGER NOT NULL REFERENCES pump_log_series,
    serial TEXT NOT NULL,
    from_seq INTEGER NOT NULL CHECK (from_seq >= 0),
    to_seq INTEGER NOT NULL CHECK (to_seq >= from_seq)
  ) STRICT;

  CREATE TABLE artifacts (
    digest TEXT PRIMARY KEY, -- SHA-256, lower-case hexadecimal
    content BLOB NOT NULL
  ) STRICT;

  -- The last one of a kind and target is current.
  CREATE TABLE releases (
    release INTEGER PRIMARY KEY,
    notice TEXT NOT NULL DEFAULT '${BANNER}',
    kind TEXT NOT NULL CHECK (kind IN ('library', 'firmware')),
    target TEXT NOT NULL, -- care area, or model
    version TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    digest TEXT NOT NULL REFERENCES artifacts,
    released_at TEXT NOT NULL,
    released_by TEXT, -- who transferred it
    manifest_json TEXT NOT NULL, -- as people signed it
    wave_json TEXT -- serial numbers; NULL: all of its model
  ) STRICT;

  CREATE TABLE sequence_numbers (
    kind TEXT NOT NULL CHECK (kind IN ('library', 'firmware')),
    target TEXT NOT NULL,
    highest INTEGER NOT NULL CHECK (highest > 0),
    PRIMARY KEY (kind, target)
  ) STRICT;

  -- What the server last heard of each pump.
  CREATE TABLE pumps (
    serial TEXT PRIMARY KEY,
    notice TEXT NOT NULL DEFAULT '${BANNER}',
    model TEXT NOT NULL,
    care_area TEXT NOT NULL,
    firmware TEXT NOT NULL,
    link TEXT NOT NULL CHECK (link IN ('online', 'offline')),
    library_in_use TEXT, -- a version
    library_pending TEXT, -- a version; in use from the next power-on with a new patient
    status_at TEXT NOT NULL -- when this last changed
  ) STRICT;

  CREATE TABLE library_adoption (
    place INTEGER PRIMARY KEY,
    notice TEXT NOT NULL DEFAULT '${BANNER}',
    serial TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'in-use', 'refused')),
    version TEXT NOT NULL,
    since TEXT NOT NULL, -- on the pump's clock for events, on the server's for what only the status says
    source TEXT NOT NULL CHECK (source IN ('event', 'status')),
    reason TEXT -- of a refusal
  ) STRICT;
  CREATE INDEX library_adoption_of_pump ON library_adoption (serial, place);
  `,
  `
  CREATE TABLE rollouts (
    rollout TEXT PRIMARY KEY,
    notice TEXT NOT NULL DEFAULT '${BANNER}',
    model TEXT NOT NULL,
    version TEXT NOT NULL,
    phase TEXT NOT NULL,
    wave INTEGER NOT NULL CHECK (wave >= 0), -- the one that has begun last
    reason TEXT, -- why it is paused, halted or ended
    started_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    plan_json TEXT NOT NULL,
    update_json TEXT NOT NULL, -- the manifest, as people signed it
    previous_json TEXT, -- what is offered when it is backed out
    superseded INTEGER NOT NULL CHECK (superseded IN (0, 1)) -- firmware was released since it ended
  ) STRICT;

  CREATE TABLE rollout_pumps (
    rollout TEXT NOT NULL REFERENCES rollouts,
    place INTEGER NOT NULL,
    serial TEXT NOT NULL,
    wave INTEGER NOT NULL,
    stage TEXT NOT NULL,
    since TEXT NOT NULL,
    link TEXT NOT NULL CHECK (link IN ('online', 'offline')),
    from_version TEXT,
    firmware TEXT,
    new_alarms INTEGER, -- since the update; NULL: the log of the pump has not come to it yet
    reason TEXT, -- why it failed, or does not take the update now
    PRIMARY KEY (rollout, serial)
  ) STRICT;

  -- Documents that say all themselves, as people signed them. The last one of a kind and care area is current.
  CREATE TABLE signed_documents (
    release INTEGER PRIMARY KEY,
    notice TEXT NOT NULL DEFAULT '${BANNER}',
    kind TEXT NOT NULL,
    care_areas TEXT NOT NULL,
    version TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    released_at TEXT NOT NULL,
    released_by TEXT, -- who transferred it
    document_json TEXT NOT NULL
  ) STRICT;
  `,
];

/**
 * Makes a database ours, or brings one of ours up to date. One that is damaged, of somebody else or of a newer Pumprange is left as it is.
 *
 * @throws PumprangeError `PR_EVENT_STORE_INVALID`, `PR_DISK`
 */
export function bringUpToDate(database: Database): void {
  const version = versionOf(database);
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec('PRAGMA foreign_keys = ON');
  if (version === MIGRATIONS.length) return;
  database.transaction(() => {
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}

/**
 * For whoever only reads, and needs all tables.
 *
 * @throws PumprangeError `PR_EVENT_STORE_INVALID`
 */
export function checkReadable(database: Database): void {
  const version = versionOf(database);
  if (version !== MIGRATIONS.length) {
    throw invalid(database, `is of version ${version}, ${MIGRATIONS.length} is known; start the ward on it`);
  }
}

/** 0 for a database that is empty. */
function versionOf(database: Database): number {
  const applicationId = numberOf(database, 'application_id');
  const version = numberOf(database, 'user_version');
  const [{ tables } = { tables: 0 }] = database.all('SELECT count(*) AS tables FROM sqlite_schema');
  if (applicationId === 0 && version === 0 && tables === 0) return 0;
  if (applicationId !== APPLICATION_ID) throw invalid(database, 'is the database of something else');
  if (version > MIGRATIONS.length) throw invalid(database, `is of a newer Pumprange: version ${version}`);
  const [{ quick_check: found } = { quick_check: 'nothing' }] = database.all('PRAGMA quick_check(1)');
  if (found !== 'ok') throw invalid(database, `is damaged: ${String(found)}`);
  return version;
}

function numberOf(database: Database, pragma: 'application_id' | 'user_version'): number {
  const [row] = database.all(`PRAGMA ${pragma}`);
  return Number(row?.[pragma]);
}

function invalid({ path }: Database, reason: string): PumprangeError {
  return new PumprangeError('PR_EVENT_STORE_INVALID', `${path} ${reason}`);
}
