export { acceptFirmware, type FirmwareOffer, type FirmwareVerdict } from './acceptance.ts';
export { contentMismatch } from './content.ts';
export { buildFirmwarePackage, readFirmwarePackage } from './package.ts';
export {
  type FirmwarePersonality,
  loadPersonalities,
  parsePersonalities,
} from './personality.ts';
export { compareVersions } from './version.ts';
export { isEffective, WEAKNESSES, type WeaknessId } from './weaknesses.ts';
