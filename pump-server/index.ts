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
export { DOCUMENT_SIGNERS } from './documents/checked-document.ts';
export type { SignedDocument } from './documents/document-store.ts';
export { signDocument } from './documents/sign-document.ts';
export type { Gap } from './event-store/event-store.ts';
export type { RecordStore, StoredRecord } from './event-store/record-store.ts';
export { buildFirmwareArtefact } from './firmware/artefact.ts';
export { billFaults, componentsOf } from './firmware/bill-of-materials.ts';
export type { InventoryEntry } from './inventory.ts';
export { writeCsv } from './library/csv/write-csv.ts';
export { compareLibraries } from './library/diff/compare.ts';
export { changeText } from './library/diff/words.ts';
export type { Examination } from './library/examine.ts';
export { type Finding, findingLine } from './library/findings.ts';
export {
  examineLibraryFiles,
  type LibraryFile,
  readLibrary,
  readLibraryFile,
} from './library/library-file.ts';
export {
  type CheckReport,
  checkReport,
  type DiffReport,
  diffReport,
  publishedLibrarySchemas,
} from './library/reports.ts';
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
