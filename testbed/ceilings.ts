import { z } from 'zod';
import {
  type CeilingFile,
  ceilingFileSchema,
  type LibraryCeiling,
  libraryCeiling,
} from '../protocol/index.ts';
import type { DocumentForm } from './document-approval.ts';
import { readDocumentFile } from './document-file.ts';

export function ceilingJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(ceilingFileSchema, { io: 'input' });
  return { $schema, title: 'Pumprange ceiling above drug libraries', ...rest };
}

/** @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_DOCUMENT_INVALID` */
export function readCeiling(path: string): CeilingFile {
  return readDocumentFile(path, ceilingFileSchema);
}

/** What a clinical engineer signs: the file, and until when pumps may take it. */
export function ceilingDocument(file: CeilingFile, notAfterMs: number): LibraryCeiling {
  const { $schema: _, ...content } = file;
  return {
    document: 'library-ceiling',
    version: 1,
    ...content,
    notAfter: new Date(notAfterMs).toISOString(),
  };
}

export const CEILING_FORM: DocumentForm<LibraryCeiling> = {
  schema: libraryCeiling,
  draft: (path, notAfterMs) => ceilingDocument(readCeiling(path), notAfterMs),
};
