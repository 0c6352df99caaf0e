export {
  type Component,
  componentSchema,
  type Dependency,
  dependenciesSchema,
  sameDependencies,
  unmetDependency,
} from './dependencies.ts';
export { type ReadJson, readJsonEntry } from './json-entry.ts';
export { buildFirmwarePackage, fillerPayload, PACKAGE_ENTRIES, readFirmwarePackage } from './package.ts';
export { type FirmwarePersonality, personalitySchema } from './personality.ts';
export { compareVersions, versionSchema } from './version.ts';
export { isEffective, WEAKNESS_IDS, WEAKNESSES, type WeaknessId } from './weaknesses.ts';
