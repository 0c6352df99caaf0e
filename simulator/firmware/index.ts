export {
  acceptFirmware,
  type FirmwareOffer,
  type FirmwareVerdict,
  type OfferedFirmware,
  refuseFirmwareManifest,
} from './acceptance.ts';
export { contentMismatch } from './content.ts';
export { loadPersonalities, parsePersonalities } from './personality.ts';
