export type { Connect, ConnectHandlers } from './connect.ts';
export type { Gap } from './event-store/event-store.ts';
export { openRecordFile } from './event-store/record-file.ts';
export { memoryRecords, type RecordStore, type StoredRecord } from './event-store/record-store.ts';
export { buildFirmwareArtefact } from './firmware/artefact.ts';
export { billFaults, componentsOf } from './firmware/bill-of-materials.ts';
export type { InventoryEntry } from './inventory.ts';
export { type LibraryFile, readLibraryFile } from './library-file.ts';
export {
  type Flaw,
  type SignedFirmware,
  type SignedLibrary,
  signFirmware,
  signLibrary,
} from './releases/flawed-release.ts';
export type { ReleaseRecord, ReleaseTarget } from './releases/ledger.ts';
export type { FirmwareDraft, LibraryDraft } from './releases/manifests.ts';
export { PumpServer, type PumpServerOptions } from './server.ts';
