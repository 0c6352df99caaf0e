export {
  type Component,
  componentSchema,
  type Dependency,
  sameDependencies,
  unmetDependency,
} from './dependencies.ts';
export { readJsonEntry } from './json-entry.ts';
export { buildFirmwarePackage, fillerPayload, PACKAGE_ENTRIES, readFirmwarePackage } from './package.ts';
export { type FirmwarePersonality, personalitySchema } from './personality.ts';
export { compareVersions } from './version.ts';
export { isEffective, WEAKNESSES, type WeaknessId } from './weaknesses.ts';
