import type { DeviceConfiguration, IdentityUrn, LibraryCeiling } from '../../protocol/index.ts';

/** A document that is released as it was signed, with all that it says inside: no content has to be fetched. */
export type SignedDocument = LibraryCeiling | DeviceConfiguration;
export type DocumentKind = SignedDocument['document'];

/** A document as it was released. */
export interface StoredDocument {
  readonly releasedAtMs: number;
  /** Who transferred it to the server; `null` where nobody says so, as in a rehearsal. */
  readonly releasedBy: IdentityUrn | null;
  readonly document: SignedDocument;
}

/** Where such documents stay. */
export interface DocumentStore {
  /** All of them, in the order in which they were released; the last one of a kind for a care area is current. */
  documents(): readonly StoredDocument[];
  /** It is durable when this returns. @throws PumprangeError `PR_DISK`; then it is not stored */
  add(document: StoredDocument): void;
}

export function careAreasOf(document: SignedDocument): readonly string[] {
  return document.document === 'library-ceiling' ? document.careAreas : [document.careArea];
}

export function documentVersionOf(document: SignedDocument): string {
  return document.document === 'library-ceiling' ? document.ceilingVersion : document.configurationVersion;
}

/** It forgets with the process. */
export function memoryDocuments(): DocumentStore {
  const documents: StoredDocument[] = [];
  return { documents: () => documents, add: (document) => void documents.push(document) };
}
