export { decommission } from './decommission.ts';
export { type AlterStored, DeviceStorage, IN_HANDS, type ReadStored } from './device-storage.ts';
export { isStoredKind, STORED_KINDS, type StoredKind } from './kinds.ts';
