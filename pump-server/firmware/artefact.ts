import {
  buildFirmwarePackage,
  type FirmwarePersonality,
  fillerPayload,
} from '../../protocol/firmware/index.ts';
import { billOfMaterials } from './bill-of-materials.ts';

/**
 * A firmware version as its vendor builds it.
 *
 * @param payload the image, or the size of a filler that stands in for one, in bytes
 */
export async function buildFirmwareArtefact(
  personality: FirmwarePersonality,
  payload: Uint8Array | number,
): Promise<{ readonly packageBytes: Uint8Array; readonly billOfMaterials: Uint8Array }> {
  const image = typeof payload === 'number' ? fillerPayload(personality, payload) : payload;
  const bill = await billOfMaterials(personality);
  return { packageBytes: buildFirmwarePackage(personality, image, bill), billOfMaterials: bill };
}
