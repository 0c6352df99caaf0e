import { existsSync } from 'node:fs';
import { PumprangeError } from '../../protocol/index.ts';
import { type AdoptionStore, memoryAdoption } from '../adoption/adoption-store.ts';
import { type DocumentStore, memoryDocuments } from '../documents/document-store.ts';
import { memoryRecords, type RecordStore } from '../event-store/record-store.ts';
import { memoryReleases, type ReleaseStore } from '../releases/release-store.ts';
import { memoryRollouts, type RolloutStore } from '../rollouts/rollout-store.ts';
import { adoptionTables } from './adoption-tables.ts';
import { openDatabase } from './database.ts';
import { documentTables } from './document-tables.ts';
import { type PumpLogOptions, pumpLogTables } from './pump-log-tables.ts';
import { releaseTables } from './release-tables.ts';
import { rolloutTables } from './rollout-tables.ts';
import { bringUpToDate, checkReadable } from './schema.ts';
import { WriteQueue } from './write-queue.ts';

/** The file of the server in the folder of its ward. */
export const STORE_FILE = 'pump-server.sqlite';

/** All that outlives the server. */
export interface ServerStore {
  readonly records: RecordStore;
  readonly releases: ReleaseStore;
  readonly documents: DocumentStore;
  readonly adoption: AdoptionStore;
  readonly rollouts: RolloutStore;
  /** What was added is durable when this returns; what the disk does not take is tried again next time. @throws PumprangeError `PR_DISK` */
  flush(): void;
  close(): void;
}

/** One that is on a disk. */
export interface DiskStore extends ServerStore {
  /**
   * What flushed work survives from now on: a power cut, which is how it begins and costs some milliseconds each time, or only the end of this
   * process, however it ends. @throws PumprangeError `PR_DISK`
   */
  surviving(what: 'power-cut' | 'process'): void;
}

/** For rehearsals: it forgets with the process. */
export function memoryStore(): ServerStore {
  return {
    records: memoryRecords(),
    releases: memoryReleases(),
    documents: memoryDocuments(),
    adoption: memoryAdoption(),
    rollouts: memoryRollouts(),
    flush: () => undefined,
    close: () => undefined,
  };
}

/**
 * The store in a SQLite database of mode 0600, which is made if it is not there. A crash leaves what was flushed, whole.
 *
 * @throws PumprangeError `PR_DISK` if it cannot be opened; `PR_EVENT_STORE_INVALID` if it is damaged, somebody else's, of a newer Pumprange or
 *   edited to something that cannot be; it is left as it is then
 */
export function openServerStore(path: string, options: PumpLogOptions): DiskStore {
  const database = openDatabase(path);
  try {
    bringUpToDate(database);
    const queue = new WriteQueue(database);
    return {
      records: pumpLogTables(database, queue, options),
      releases: releaseTables(database, queue),
      documents: documentTables(database, queue),
      adoption: adoptionTables(database, queue),
      rollouts: rolloutTables(database, queue),
      flush: () => queue.flush(),
      surviving: (what) => {
        if (what === 'power-cut') database.checkpoint();
        database.exec(`PRAGMA synchronous = ${what === 'power-cut' ? 'FULL' : 'NORMAL'}`);
      },
      close: () => {
        try {
          database.checkpoint();
        } catch {
          // It is in the write-ahead log beside the file, which counts as well; or this is closed already.
        }
        database.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * What a server that may have stopped has left of releases and their adoption. Nothing is written.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE` if there is no such file; `PR_EVENT_STORE_INVALID`, `PR_DISK`
 */
export function readAdoptionStore(path: string): Pick<ServerStore, 'releases' | 'adoption'> {
  if (!existsSync(path)) throw new PumprangeError('PR_FILE_UNREADABLE', `${path} is not there`);
  const database = openDatabase(path, { readOnly: true });
  try {
    checkReadable(database);
    const queue = new WriteQueue(database);
    const [releases, adoption] = [releaseTables(database, queue), adoptionTables(database, queue)];
    return { releases: { ...releases, content: () => undefined }, adoption };
  } finally {
    database.close();
  }
}
