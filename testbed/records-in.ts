import type { PatientIdentifiers } from '../protocol/index.ts';
import type { FoundRecord } from '../scenarios/index.ts';
import type { Admission } from '../simulator/ward/index.ts';

const FIELDS: Readonly<Record<keyof PatientIdentifiers, FoundRecord['field']>> = {
  encounter: 'encounter',
  patientName: 'name',
  recordNumber: 'record-number',
  bed: 'bed',
};

/** What in a payload names somebody who was admitted: the value itself, as JSON or any other text would have it. */
export function recordsIn(payload: Uint8Array, admissions: readonly Admission[]): readonly FoundRecord[] {
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
  return admissions.flatMap(({ serial, number, patient }) =>
    entriesOf(patient)
      // A bed is no secret by itself, and two patients may have had the same one: it names one beside the record number.
      .filter(
        ([key, value]) => text.includes(value) && (key !== 'bed' || text.includes(patient.recordNumber)),
      )
      .map(([key]): FoundRecord => ({ person: `${serial}/${number}`, field: FIELDS[key] })),
  );
}

function entriesOf({ encounter, patientName, recordNumber, bed }: PatientIdentifiers) {
  return [
    ['encounter', encounter],
    ['patientName', patientName],
    ['recordNumber', recordNumber],
    ['bed', bed],
  ] as const;
}
