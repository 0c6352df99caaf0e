export type { Connect, ConnectHandlers } from './connect.ts';
export type { Gap } from './event-store/event-store.ts';
export { openRecordFile } from './event-store/record-file.ts';
export { memoryRecords, type RecordStore, type StoredRecord } from './event-store/record-store.ts';
export { advisoriesJsonSchema } from './exposure/advisory.ts';
export type { InventoriedPump } from './exposure/exposure.ts';
export { loadAdvisories, loadInventory } from './exposure/load.ts';
export type { AvailableBuild } from './exposure/patch-plan.ts';
export { type ExposureReport, exposureReport, exposureReportJsonSchema } from './exposure/report.ts';
export { buildFirmwareArtefact } from './firmware/artefact.ts';
export { billBuild, billFaults, componentsOf } from './firmware/bill-of-materials.ts';
export {
  type FirmwareFiles,
  firmwareFileNames,
  firmwareFilesOf,
  readFirmwareFiles,
} from './firmware/firmware-files.ts';
export { type Finding, validSigners, verifyFirmware } from './firmware/verify.ts';
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
export {
  draftFirmwareManifest,
  type FirmwareDraft,
  type LibraryDraft,
  signAll,
} from './releases/manifests.ts';
export { PumpServer, type PumpServerOptions } from './server.ts';
