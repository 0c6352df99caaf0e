import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  doseFromRate,
  parseDoseUnit,
  rateFromDose,
  unitFits,
} from '../../../simulator/drug-library/index.ts';

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
        fc.constantFrom('mcg/kg/min', 'mg/h', 'g/kg/h', 'ng/min'),
        (rateMlPerH, weightKg, unit) => {
          const dose = doseFromRate(rateMlPerH, NOREPINEPHRINE, unit, weightKg)!;
          expect(rateFromDose(dose, NOREPINEPHRINE, unit, weightKg)).toBeCloseTo(rateMlPerH, 8);
        },
      ),
    );
  });
});
