export { AdoptionRegister } from './adoption/adoption-register.ts';
export {
  type AdoptionReport,
  adoptionReport,
  adoptionReportJsonSchema,
  adoptionReportSchema,
  type PumpAdoption,
  stragglersAmong,
} from './adoption/report.ts';
export type { Connect, ConnectHandlers } from './connect.ts';
export type { Gap } from './event-store/event-store.ts';
export type { RecordStore, StoredRecord } from './event-store/record-store.ts';
export type { InventoryEntry } from './inventory.ts';
export { type LibraryFile, readLibraryFile } from './library-file.ts';
export { APPROVALS_NEEDED, approvalsOf } from './releases/approved-library.ts';
export {
  type Flaw,
  type SignedFirmware,
  type SignedLibrary,
  signFirmware,
  signLibrary,
} from './releases/flawed-release.ts';
export type { ReleaseRecord } from './releases/ledger.ts';
export type { FirmwareDraft, LibraryDraft } from './releases/manifests.ts';
export { draftLibraryManifest } from './releases/manifests.ts';
export type { ReleaseTarget } from './releases/release-store.ts';
export { PumpServer, type PumpServerOptions } from './server.ts';
export {
  memoryStore,
  openServerStore,
  readAdoptionStore,
  type ServerStore,
  STORE_FILE,
} from './store/server-store.ts';
