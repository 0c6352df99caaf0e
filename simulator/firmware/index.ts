export { acceptFirmware, type FirmwareOffer, type FirmwareVerdict } from './acceptance.ts';
export { contentMismatch } from './content.ts';
export { buildFirmwarePackage, readFirmwarePackage } from './package.ts';
export {
  type FirmwarePersonality,
  loadPersonalities,
  parsePersonalities,
  personalitySchema,
} from './personality.ts';
export { compareVersions } from './version.ts';
export { isEffective, WEAKNESS_IDS, WEAKNESSES, type WeaknessId } from './weaknesses.ts';
