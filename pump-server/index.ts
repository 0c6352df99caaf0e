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
export { advisoriesJsonSchema } from './exposure/advisory.ts';
export { exposuresOf, type InventoriedPump } from './exposure/exposure.ts';
export { loadAdvisories, loadInventory } from './exposure/load.ts';
export type { AvailableBuild } from './exposure/patch-plan.ts';
export { type ExposureReport, exposureReport, exposureReportJsonSchema } from './exposure/report.ts';
export { checkAccepted } from './firmware/accepted.ts';
export { buildFirmwareArtefact } from './firmware/artefact.ts';
export { billBuild, billFaults, componentsOf } from './firmware/bill-of-materials.ts';
export {
  type FirmwareFiles,
  firmwareFileNames,
  firmwareFilesOf,
  readFirmwareFiles,
} from './firmware/firmware-files.ts';
export { type FirmwareFinding, validSigners, verifyFirmware } from './firmware/verify.ts';
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
export {
  draftFirmwareManifest,
  draftLibraryManifest,
  type FirmwareDraft,
  type LibraryDraft,
  signAll,
} from './releases/manifests.ts';
export type { ReleaseTarget } from './releases/release-store.ts';
export { progressOf, type RolloutProgress, rolloutProgressSchema } from './rollouts/progress.ts';
export type { Rollout } from './rollouts/rollout.ts';
export type { RolloutOrder } from './rollouts/rollout-desk.ts';
export { PumpServer, type PumpServerOptions } from './server.ts';
export { copyStore } from './store/copy-store.ts';
export {
  type DiskStore,
  memoryStore,
  openServerStore,
  readAdoptionStore,
  type ServerStore,
  STORE_FILE,
} from './store/server-store.ts';
