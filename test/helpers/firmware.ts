import {
  buildFirmwarePackage,
  type FirmwarePersonality,
  fillerPayload,
} from '../../protocol/firmware/index.ts';

/** The least that is a bill of materials; what a vendor's says is for tests of the bill itself. */
export const SMALL_BILL = Buffer.from('{"bomFormat":"CycloneDX","specVersion":"1.6","version":1}');

/** A package around a filler of that size. */
export function samplePackage(personality: FirmwarePersonality, payloadBytes: number): Uint8Array {
  return buildFirmwarePackage(personality, fillerPayload(personality, payloadBytes), SMALL_BILL);
}
