import { z } from 'zod';
import { deviceConfiguration, libraryCeiling, PumprangeError, urnSchema } from '../../protocol/index.ts';
import {
  careAreasOf,
  type DocumentStore,
  documentVersionOf,
  type StoredDocument,
} from '../documents/document-store.ts';
import type { Database } from './database.ts';
import { parsed } from './pump-log-tables.ts';
import type { WriteQueue } from './write-queue.ts';

const documentRow = z.object({
  release: z.int(),
  released_at: z.iso.datetime({ precision: 3 }),
  released_by: urnSchema.nullable(),
  document_json: z.string(),
});
const signedDocument = z.discriminatedUnion('document', [libraryCeiling, deviceConfiguration]);

/**
 * Signed documents in their table. They are few, and held in memory too.
 *
 * @throws PumprangeError `PR_EVENT_STORE_INVALID`, `PR_DISK`
 */
export function documentTables(database: Database, queue: WriteQueue): DocumentStore {
  const documents = database
    .all('SELECT release, released_at, released_by, document_json FROM signed_documents ORDER BY release')
    .map((row) => documentIn(row, database));
  return {
    documents: () => documents,
    add(document) {
      queue.now((to) => insert(to, document));
      documents.push(document);
    },
  };
}

function documentIn(row: unknown, database: Database): StoredDocument {
  const read = parsed(documentRow, row, database, 'signed_documents');
  const place = `signed_documents, release ${read.release}`;
  let document: unknown;
  try {
    document = JSON.parse(read.document_json);
  } catch {
    throw new PumprangeError('PR_EVENT_STORE_INVALID', `${database.path}: ${place}: not JSON`);
  }
  return {
    releasedAtMs: Date.parse(read.released_at),
    releasedBy: read.released_by,
    document: parsed(signedDocument, document, database, place),
  };
}

function insert(database: Database, { document, releasedAtMs, releasedBy }: StoredDocument): void {
  database.run(
    `INSERT INTO signed_documents (kind, care_areas, version, sequence, released_at, released_by, document_json)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ...[document.document, careAreasOf(document).join(', '), documentVersionOf(document), document.sequence],
    ...[new Date(releasedAtMs).toISOString(), releasedBy, JSON.stringify(document)],
  );
}
