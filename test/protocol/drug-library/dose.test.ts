import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  amountInVolume,
  convertDose,
  doseFromRate,
  isSameStrength,
  parseDoseUnit,
  rateFromDose,
  unitFits,
  volumeOfAmount,
} from '../../../protocol/drug-library/index.ts';

const NOREPINEPHRINE = { amount: 4, amountUnit: 'mg', volumeMl: 250 } as const;
const HEPARIN = { amount: 25_000, amountUnit: 'units', volumeMl: 500 } as const;

describe('dose and rate', () => {
  it('convert as on paper', () => {
    // 4 mg/250 mL is 16 mcg/mL; 15 mL/h are 240 mcg/h, 4 mcg/min.
    expect(doseFromRate(15, NOREPINEPHRINE, 'mcg/min', null)).toBeCloseTo(4, 12);
    // 50 units/mL at 25.2 mL/h for 70 kg: 18 units/kg/h.
    expect(doseFromRate(25.2, HEPARIN, 'units/kg/h', 70)).toBeCloseTo(18, 12);
    expect(rateFromDose(18, HEPARIN, 'units/kg/h', 70)).toBeCloseTo(25.2, 12);
    expect(
      doseFromRate(30, { amount: 30, amountUnit: 'units', volumeMl: 500 }, 'milliunits/min', null),
    ).toBeCloseTo(30, 12);
    expect(doseFromRate(7.5, NOREPINEPHRINE, 'mL/h', null)).toBe(7.5);
  });

  it('is not known per kilogram without a weight, nor across families', () => {
    expect(doseFromRate(10, HEPARIN, 'units/kg/h', null)).toBeUndefined();
    expect(doseFromRate(10, HEPARIN, 'units/kg/h', 0)).toBeUndefined();
    expect(doseFromRate(10, HEPARIN, 'mg/h', null)).toBeUndefined();
    expect(unitFits(HEPARIN, 'mcg/kg/min')).toBe(false);
  });

  it('of a volume needs no concentration', () => {
    expect(doseFromRate(25, null, 'mL/h', null)).toBe(25);
    expect(doseFromRate(25, null, 'mL/kg/h', 12.5)).toBe(2);
    expect(rateFromDose(2, null, 'mL/kg/h', 12.5)).toBe(25);
    expect(doseFromRate(25, null, 'mg/h', null)).toBeUndefined();
    expect(unitFits(null, 'mL/kg/min')).toBe(true);
    expect(unitFits(null, 'mg/h')).toBe(false);
  });

  it.each(['mg', 'mg/day', 'kg/mg/h', 'mg/kg', 'mg/kg/h/h', '', 'toString/h'])(
    'does not take %j for a dose unit',
    (text) => {
      expect(parseDoseUnit(text)).toBeUndefined();
    },
  );

  it('goes there and back for any rate and weight', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 999, noNaN: true }),
        fc.double({ min: 0.5, max: 300, noNaN: true }),
        fc.constantFrom('mcg/kg/min', 'mg/h', 'g/kg/h', 'ng/min', 'mL/kg/h'),
        (rateMlPerH, weightKg, unit) => {
          const dose = doseFromRate(rateMlPerH, NOREPINEPHRINE, unit, weightKg)!;
          expect(rateFromDose(dose, NOREPINEPHRINE, unit, weightKg)).toBeCloseTo(rateMlPerH, 8);
        },
      ),
    );
  });
});

describe('an amount that is given at once', () => {
  it('is in a volume, and the volume holds it', () => {
    // 16 mcg/mL.
    expect(amountInVolume(2.5, NOREPINEPHRINE, 'mcg', null)).toBeCloseTo(40, 12);
    expect(amountInVolume(2.5, NOREPINEPHRINE, 'mcg/kg', 80)).toBeCloseTo(0.5, 12);
    expect(volumeOfAmount(40, NOREPINEPHRINE, 'mcg', null)).toBeCloseTo(2.5, 12);
    expect(volumeOfAmount(80, HEPARIN, 'units/kg', 70)).toBeCloseTo(112, 12);
    expect(amountInVolume(20, null, 'mL/kg', 5)).toBe(4);
  });

  it.each([
    ['mg/h', 70],
    ['units', 70],
    ['mg/kg', null],
    ['mg/kg', 0],
    ['mg/kg/kg', 70],
    ['', 70],
  ])('is not known in %j for %s kg', (unit, weightKg) => {
    expect(amountInVolume(1, NOREPINEPHRINE, unit, weightKg)).toBeUndefined();
    expect(volumeOfAmount(1, NOREPINEPHRINE, unit, weightKg)).toBeUndefined();
  });
});

describe('a dose in another unit', () => {
  it.each([
    [1, 'mg/h', 'mcg/h', 1000],
    [2, 'mg/min', 'mg/h', 120],
    [3, 'mcg/kg/min', 'mg/kg/h', 0.18],
    [30, 'milliunits/min', 'units/h', 1.8],
    [5, 'mg/kg', 'mcg/kg', 5000],
    [7, 'kg', 'kg', 7],
  ])('converts: %d %s is as many %s as it should be', (value, from, to, expected) => {
    expect(convertDose(value, from, to)).toBeCloseTo(expected, 12);
  });

  it.each([
    ['mg/h', 'mg/kg/h'],
    ['mg/h', 'mg'],
    ['mg/h', 'units/h'],
    ['mL/h', 'mg/h'],
    ['mg/h', 'min'],
  ])('is not known from %s to %s', (from, to) => {
    expect(convertDose(1, from, to)).toBeUndefined();
    expect(convertDose(1, to, from)).toBeUndefined();
  });
});

describe('a strength', () => {
  it.each([
    [{ amount: 8_000, amountUnit: 'mcg', volumeMl: 500 }, true],
    [{ amount: 0.016, amountUnit: 'g', volumeMl: 1_000 }, true],
    [{ amount: 8, amountUnit: 'mg', volumeMl: 250 }, false],
    // As many of the smallest unit, of another family.
    [{ amount: 4_000, amountUnit: 'units', volumeMl: 250 }, false],
    [{ amount: 4_000_000, amountUnit: 'mL', volumeMl: 250 }, false],
    [{ amount: 1e308, amountUnit: 'g', volumeMl: 5e-324 }, false],
  ] as const)('of 4 mg in 250 mL and of %o are the same: %s', (other, same) => {
    expect(isSameStrength(NOREPINEPHRINE, other)).toBe(same);
    expect(isSameStrength(other, NOREPINEPHRINE)).toBe(same);
  });
});
