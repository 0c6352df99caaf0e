import { z } from 'zod';
import {
  firmwareManifest,
  type IdentityUrn,
  libraryManifest,
  PumprangeError,
  urnSchema,
} from '../../protocol/index.ts';
import {
  keyOf,
  type ReleaseStore,
  type ReleaseTarget,
  type StoredRelease,
  targetOf,
  versionOf,
} from '../releases/release-store.ts';
import type { Database } from './database.ts';
import { parsed } from './pump-log-tables.ts';
import type { WriteQueue } from './write-queue.ts';

const releaseRow = z.object({
  release: z.int(),
  kind: z.enum(['library', 'firmware']),
  released_at: z.iso.datetime({ precision: 3 }),
  released_by: urnSchema.nullable(),
  manifest_json: z.string(),
  wave_json: z.string().nullable(),
});
const waveSchema = z.array(z.string());

/**
 * Releases in their tables. They are few, and held in memory too; their content is read when it is asked for.
 *
 * @throws PumprangeError `PR_EVENT_STORE_INVALID`, `PR_DISK`
 */
export function releaseTables(database: Database, queue: WriteQueue): ReleaseStore {
  const releases = database
    .all(
      'SELECT release, kind, released_at, released_by, manifest_json, wave_json FROM releases ORDER BY release',
    )
    .map((row) => releaseIn(row, database));
  return {
    releases: () => releases,
    content: (digest) => contentIn(database, digest),
    highestSequence: (target) => highestIn(database, target),
    add(release, content) {
      queue.now((to) => insert(to, release, content));
      releases.push(release);
    },
    take: (target, sequence) => queue.now((to) => take(to, target, sequence)),
  };
}

function releaseIn(row: unknown, database: Database): StoredRelease {
  const read = parsed(releaseRow, row, database, 'releases');
  const place = `releases, release ${read.release}`;
  const shared: { releasedAtMs: number; releasedBy: IdentityUrn | null } = {
    releasedAtMs: Date.parse(read.released_at),
    releasedBy: read.released_by,
  };
  const manifest = json(read.manifest_json, database, place);
  if (read.kind === 'library') {
    return { ...shared, kind: 'library', manifest: parsed(libraryManifest, manifest, database, place) };
  }
  return {
    ...shared,
    kind: 'firmware',
    manifest: parsed(firmwareManifest, manifest, database, place),
    ...(read.wave_json !== null && {
      wave: parsed(waveSchema, json(read.wave_json, database, place), database, place),
    }),
  };
}

function contentIn(database: Database, digest: string): Uint8Array | undefined {
  const [row] = database.all('SELECT content FROM artifacts WHERE digest = ?', digest);
  const content = row?.['content'];
  return content instanceof Uint8Array ? content : undefined;
}

function highestIn(database: Database, target: ReleaseTarget): number {
  const sql = 'SELECT highest FROM sequence_numbers WHERE kind = ? AND target = ?';
  const highest = database.all(sql, ...keyOf(target))[0]?.['highest'];
  return typeof highest === 'number' ? highest : 0;
}

function insert(database: Database, release: StoredRelease, content: Uint8Array): void {
  const { manifest, releasedAtMs, releasedBy } = release;
  const target = targetOf(release);
  const wave = release.kind === 'firmware' ? release.wave : undefined;
  database.run(
    'INSERT INTO artifacts (digest, content) VALUES (?, ?) ON CONFLICT (digest) DO UPDATE SET content = excluded.content',
    ...[manifest.digest, content],
  );
  database.run(
    `INSERT INTO releases (kind, target, version, sequence, digest, released_at, released_by, manifest_json, wave_json)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...keyOf(target),
    ...[versionOf(release), manifest.sequence, manifest.digest],
    ...[new Date(releasedAtMs).toISOString(), releasedBy],
    ...[JSON.stringify(manifest), wave === undefined ? null : JSON.stringify(wave)],
  );
  take(database, target, manifest.sequence);
}

function take(database: Database, target: ReleaseTarget, sequence: number): void {
  database.run(
    `INSERT INTO sequence_numbers (kind, target, highest) VALUES (?, ?, ?)
     ON CONFLICT (kind, target) DO UPDATE SET highest = max(highest, excluded.highest)`,
    ...keyOf(target),
    sequence,
  );
}

function json(text: string, database: Database, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PumprangeError('PR_EVENT_STORE_INVALID', `${database.path}: ${place}: not JSON`);
  }
}
