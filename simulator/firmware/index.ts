export { acceptFirmware, type FirmwareOffer, type FirmwareVerdict } from './acceptance.ts';
export { contentMismatch } from './content.ts';
export { loadPersonalities, parsePersonalities } from './personality.ts';
