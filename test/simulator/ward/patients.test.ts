import { expect, test } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import { type Admission, syntheticPatients } from '../../../simulator/ward/index.ts';

const AT = { serial: 'LVP-0001', careArea: 'adult-icu' };

test('patients are made up: the same from the same seed, each another, and TRAINING stands in all that names them', () => {
  const admissions: Admission[] = [];
  const admit = syntheticPatients(seededRandom(3), AT, (one) => admissions.push(one));
  const again = syntheticPatients(seededRandom(3), AT);
  const patients = Array.from({ length: 200 }, () => admit());
  expect(patients.map(() => again())).toEqual(patients);
  expect(new Set(patients.map(({ recordNumber }) => recordNumber)).size).toBe(200);
  for (const { encounter, patientName, recordNumber, bed } of patients) {
    for (const value of [encounter, patientName, recordNumber]) expect(value).toContain('TRAINING');
    expect(bed).toMatch(/^adult-icu\/bed-\d\d$/);
  }
  expect(admissions.map(({ number }) => number)).toEqual(patients.map((_, index) => index + 1));
});
