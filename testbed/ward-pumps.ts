import { PumprangeError, parseSerial } from '../protocol/index.ts';
import type { WardData } from './data.ts';
import type { PumpSpec } from './fleet.ts';

const MODELS = ['lvp', 'syringe', 'pca'] as const;
/** What the pumps of a ward run unless it is said: patched. Rehearsals choose for themselves. */
export const WARD_FIRMWARE = '1.2.0';

/** Where a ward's pumps stand. Other shipped libraries are for rehearsals, which choose for themselves. */
const CARE_AREAS: readonly string[] = ['adult-icu', 'adult-ward', 'paediatrics'];

/**
 * Models and care areas in turn, so that a ward of any size has some of each; so do versions of firmware, where there are several.
 *
 * @throws PumprangeError `PR_MODEL_INVALID`
 */
export function wardPumps(
  count: number,
  data: WardData,
  firmware: string | readonly [string, ...string[]] = WARD_FIRMWARE,
): PumpSpec[] {
  const versions = typeof firmware === 'string' ? [firmware] : firmware;
  const careAreas = data.libraries
    .map(({ library }) => library.careArea)
    .filter((careArea) => CARE_AREAS.includes(careArea));
  return Array.from({ length: count }, (_, index) => {
    const id = MODELS[index % MODELS.length] ?? 'lvp';
    const model = data.models.get(id);
    const number = String(Math.floor(index / MODELS.length) + 1).padStart(4, '0');
    const serial = parseSerial(`${model?.serialPrefix ?? id}-${number}`);
    const careArea = careAreas[Math.floor(index / MODELS.length) % careAreas.length];
    if (serial === undefined || careArea === undefined) {
      throw new PumprangeError('PR_MODEL_INVALID', `no serial number or care area for pump ${index + 1}`);
    }
    // Shifted by one from round to round: each model has each version in its turn.
    const version = versions[(index + Math.floor(index / MODELS.length)) % versions.length] ?? WARD_FIRMWARE;
    return { serial, model: id, careArea, firmware: version, library: null };
  });
}
