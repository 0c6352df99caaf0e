export { buildFirmwarePackage, readFirmwarePackage } from './package.ts';
export { type FirmwarePersonality, personalitySchema } from './personality.ts';
export { compareVersions } from './version.ts';
export { isEffective, WEAKNESSES, type WeaknessId } from './weaknesses.ts';
