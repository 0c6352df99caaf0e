import { z } from 'zod';
import { serialSchema } from '../../protocol/index.ts';
import { type AdoptionStore, memoryAdoption } from '../adoption/adoption-store.ts';
import type { Database } from './database.ts';
import { parsed } from './pump-log-tables.ts';
import type { WriteQueue } from './write-queue.ts';

const time = z.iso.datetime({ precision: 3 }).transform((text) => Date.parse(text));
const changeRow = z.object({
  serial: serialSchema,
  state: z.enum(['pending', 'in-use', 'refused']),
  version: z.string(),
  since: time,
  source: z.enum(['event', 'status']),
  reason: z.string().nullable(),
});
const pumpRow = z.object({
  serial: serialSchema,
  model: z.string(),
  care_area: z.string(),
  firmware: z.string(),
  link: z.enum(['online', 'offline']),
  library_in_use: z.string().nullable(),
  library_pending: z.string().nullable(),
  status_at: time,
});

/** The history of adoption in its tables, in front of them its twin in memory. @throws PumprangeError `PR_EVENT_STORE_INVALID` */
export function adoptionTables(database: Database, queue: WriteQueue): AdoptionStore {
  const memory = memoryAdoption();
  for (const row of database.all(
    'SELECT serial, state, version, since, source, reason FROM library_adoption ORDER BY place',
  )) {
    const { since, ...change } = parsed(changeRow, row, database, 'library_adoption');
    memory.note({ ...change, sinceMs: since });
  }
  for (const row of database.all('SELECT * FROM pumps ORDER BY serial')) {
    const read = parsed(pumpRow, row, database, 'pumps');
    memory.put({
      serial: read.serial,
      model: read.model,
      careArea: read.care_area,
      firmware: read.firmware,
      link: read.link,
      libraryInUse: read.library_in_use,
      libraryPending: read.library_pending,
      statusAtMs: read.status_at,
    });
  }
  return {
    changes: memory.changes,
    pumps: memory.pumps,
    note(change) {
      queue.add((to) =>
        to.run(
          'INSERT INTO library_adoption (serial, state, version, since, source, reason) VALUES (?, ?, ?, ?, ?, ?)',
          ...[change.serial, change.state, change.version],
          ...[new Date(change.sinceMs).toISOString(), change.source, change.reason],
        ),
      );
      memory.note(change);
    },
    put(pump) {
      queue.add((to) =>
        to.run(
          `INSERT INTO pumps (serial, model, care_area, firmware, link, library_in_use, library_pending, status_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (serial) DO UPDATE SET model = excluded.model, care_area = excluded.care_area,
             firmware = excluded.firmware, link = excluded.link, library_in_use = excluded.library_in_use,
             library_pending = excluded.library_pending, status_at = excluded.status_at`,
          ...[pump.serial, pump.model, pump.careArea, pump.firmware, pump.link],
          ...[pump.libraryInUse, pump.libraryPending, new Date(pump.statusAtMs).toISOString()],
        ),
      );
      memory.put(pump);
    },
  };
}
