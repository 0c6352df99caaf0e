import { expect, test } from 'vitest';
import { recordsIn } from '../../testbed/records-in.ts';

const patient = (digits: string) => ({
  encounter: `TRAINING-ENC-${digits}-000001`,
  patientName: `TRAINING, Kilo Lima-${digits}`,
  recordNumber: `TRAINING-${digits}`,
  bed: 'adult-icu/bed-07',
});
const ADMISSIONS = [
  { serial: 'LVP-0001', number: 1, patient: patient('11111111') },
  { serial: 'LVP-0002', number: 1, patient: patient('22222222') },
];
const found = (text: string) =>
  recordsIn(Buffer.from(text), ADMISSIONS).map(({ person, field }) => `${person} ${field}`);

test('what names a patient in a message is found, wherever it stands, and nobody else', () => {
  expect(found(JSON.stringify({ body: { deep: patient('11111111') } })).sort()).toEqual([
    'LVP-0001/1 bed',
    'LVP-0001/1 encounter',
    'LVP-0001/1 name',
    'LVP-0001/1 record-number',
  ]);
  expect(found('no JSON at all: TRAINING-22222222')).toEqual(['LVP-0002/1 record-number']);
});

test('a bed alone, a serial number and a piece of an encounter name nobody', () => {
  expect(found('adult-icu/bed-07 LVP-0001 TRAINING-ENC-11111111')).toEqual([]);
});
