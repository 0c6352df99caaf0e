import type { Random } from '../../clock/index.ts';
import type { PatientIdentifiers } from '../../protocol/index.ts';

/** Words of the spelling alphabet: nobody is called so. */
const WORDS = ['Alfa', 'Bravo', 'Delta', 'Echo', 'Golf', 'Hotel', 'Kilo', 'Lima', 'Oscar', 'Papa', 'Quebec'];

/** Beds of a care area. */
const BEDS = 40;

/** Somebody who was admitted to a pump. */
export interface Admission {
  readonly serial: string;
  /** Counts the patients of a pump from 1. */
  readonly number: number;
  readonly patient: PatientIdentifiers;
}

/**
 * Makes up the patients of one pump, each obviously fictitious: TRAINING stands in the name, the record number and the encounter. The
 * same seed makes the same patients.
 */
export function syntheticPatients(
  random: Random,
  at: { readonly serial: string; readonly careArea: string },
  admitted: (admission: Admission) => void = () => undefined,
): () => PatientIdentifiers {
  let number = 0;
  return () => {
    number += 1;
    const digits = String(random.int(0, 99_999_999)).padStart(8, '0');
    const visit = String(random.int(0, 999_999)).padStart(6, '0');
    const patient: PatientIdentifiers = {
      encounter: `TRAINING-ENC-${digits}-${visit}`,
      patientName: `TRAINING, ${random.pick(WORDS)} ${random.pick(WORDS)}-${digits.slice(-4)}`,
      recordNumber: `TRAINING-${digits}`,
      bed: `${at.careArea}/bed-${String(random.int(1, BEDS)).padStart(2, '0')}`,
    };
    admitted({ serial: at.serial, number, patient });
    return patient;
  };
}
