import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DrugLibrary, parseLibrary, rateFromDose } from '../../../protocol/drug-library/index.ts';
import { loadModels, type PumpModel } from '../../../simulator/models/index.ts';
import type { Programme, ProgrammeEntry } from '../../../simulator/pump/programme.ts';
import { doseOfRate, rateOfDose, resolveProgramme } from '../../../simulator/pump/programming.ts';

const MODELS = loadModels('simulator/models');
const LVP = MODELS.get('lvp')!;
const SYRINGE = MODELS.get('syringe')!;
const PCA = MODELS.get('pca')!;

function library(name: string): DrugLibrary {
  const path = `simulator/drug-library/samples/${name}.json`;
  return parseLibrary(readFileSync(path), path);
}

const ICU = library('adult-icu');

type Asked = Partial<Parameters<typeof resolveProgramme>[0]>;

function resolve(entry: Partial<ProgrammeEntry>, asked: Asked = {}): Programme {
  const result = resolveProgramme(
    { model: LVP, library: null, ...asked },
    { orderId: null, drug: null, ...entry },
  );
  if (!result.ok) throw new Error(result.reason);
  return result.programme;
}

/** For entries of any shape, as they may come from a socket. */
function refusal(entry: Record<string, unknown>, asked: Asked = {}): string | undefined {
  const whole = { orderId: null, drug: null, ...entry } as unknown as ProgrammeEntry;
  const result = resolveProgramme({ model: LVP, library: null, ...asked }, whole);
  return result.ok ? undefined : result.reason;
}

const of = (amount: number, amountUnit: 'ng' | 'mcg' | 'mg' | 'g' | 'units' | 'mEq', volumeMl: number) => ({
  amount,
  amountUnit,
  volumeMl,
});

describe('a dose', () => {
  // Calculated by hand; the comment is what a millilitre holds.
  it.each([
    ['heparin', of(25_000, 'units', 500), 18, 'units/kg/h', 70, 25.2], // 50 units
    ['norepinephrine', of(4, 'mg', 250), 8, 'mcg/min', undefined, 30], // 16 mcg
    ['propofol', of(1, 'g', 100), 25, 'mcg/kg/min', 80, 12], // 10 mg
    ['fentanyl', of(2_500, 'mcg', 100), 75, 'mcg/h', undefined, 3], // 25 mcg
    ['insulin regular', of(100, 'units', 100), 5.5, 'units/h', undefined, 5.5], // 1 unit
    ['dopamine', of(400, 'mg', 250), 5, 'mcg/kg/min', 80, 15], // 1.6 mg
    ['midazolam', of(100, 'mg', 100), 3.5, 'mg/h', undefined, 3.5], // 1 mg
    ['oxytocin', of(30, 'units', 500), 12, 'milliunits/min', undefined, 12], // 60 milliunits
    ['dexmedetomidine', of(400, 'mcg', 100), 0.5, 'mcg/kg/h', 72, 9], // 4 mcg
    ['vasopressin', of(40, 'units', 100), 0.04, 'units/min', undefined, 6], // 0.4 units
    ['potassium chloride', of(10, 'mEq', 100), 10, 'mEq/h', undefined, 100], // 0.1 mEq
    ['morphine', of(100, 'mg', 100), 1.5, 'mg/h', undefined, 1.5], // 1 mg
    ['epoprostenol', of(500, 'mcg', 50), 10, 'ng/kg/min', 75, 4.5], // 10 mcg
    ['amino acids', of(50, 'g', 500), 4, 'g/h', undefined, 40], // 0.1 g
    ['a fluid', of(1, 'g', 100), 2, 'mL/kg/h', 12.5, 25],
    ['a fluid', of(1, 'g', 100), 30, 'mL/h', undefined, 30],
  ])('of %s makes the rate', (_drug, concentration, value, unit, weightKg, rateMlPerH) => {
    const programme = resolve({
      concentration,
      dose: { value, unit },
      volumeToBeInfusedMl: 50,
      ...(weightKg === undefined ? {} : { weightKg }),
    });
    expect(programme.rateMlPerH).toBe(rateMlPerH);
    expect(programme.dose?.value).toBeCloseTo(value, 12);
    expect(programme).toMatchObject({ enteredBy: 'dose', dose: { unit }, volumeToBeInfusedMl: 50 });
    expect(programme.durationMinutes).toBeCloseTo((50 / rateMlPerH) * 60, 9);
    expect(rateOfDose({ model: LVP, library: null }, programme, value)).toBe(rateMlPerH);
    expect(doseOfRate(programme, rateMlPerH)).toEqual(programme.dose);
  });

  it('is stated anew after the rate is rounded to a step of the model', () => {
    // 1 mcg/min of 16 mcg/mL are 3.75 mL/h.
    const entry = { drug: 'norepinephrine', dose: { value: 1, unit: 'mcg/min' }, volumeToBeInfusedMl: 38 };
    const large = resolve(entry, { library: ICU });
    expect(large.rateMlPerH).toBe(3.8);
    expect(large.dose?.value).toBeCloseTo((3.8 * 16) / 60, 12);
    expect(large.durationMinutes).toBeCloseTo(600, 9);
    expect(large.concentration).toEqual(of(4, 'mg', 250));
    const fine = resolve(entry, { library: ICU, model: SYRINGE });
    expect(fine.rateMlPerH).toBe(3.75);
    expect(fine.dose?.value).toBeCloseTo(1, 12);
  });

  it('goes with a time instead of a volume', () => {
    const programme = resolve(
      { drug: 'insulin regular', dose: { value: 4, unit: 'units/h' }, durationMinutes: 90 },
      { library: ICU },
    );
    expect(programme).toMatchObject({ rateMlPerH: 4, volumeToBeInfusedMl: 6, durationMinutes: 90 });
  });

  it('is shown for a rate in the unit of the library, if that can be known', () => {
    const byRate = { drug: 'heparin', rateMlPerH: 25.2, volumeToBeInfusedMl: 250 };
    expect(resolve({ ...byRate, weightKg: 70 }, { library: ICU }).dose).toMatchObject({ unit: 'units/kg/h' });
    expect(resolve({ ...byRate, weightKg: 70 }, { library: ICU }).dose?.value).toBeCloseTo(18, 12);
    expect(resolve(byRate, { library: ICU }).dose).toBeNull();
    expect(resolve(byRate).dose).toBeNull();
    expect(resolve(byRate).concentration).toBeNull();
  });

  it('changes with the rate and gives another, in its own unit', () => {
    const programme = resolve(
      { drug: 'vasopressin', dose: { value: 0.03, unit: 'units/min' }, volumeToBeInfusedMl: 50 },
      { library: ICU },
    );
    expect(doseOfRate(programme, 6)?.value).toBeCloseTo(0.04, 12);
    expect(rateOfDose({ model: LVP, library: null }, programme, 0.04)).toBe(6);
    // Outside the range it is not rounded in: the limits have to see it.
    expect(rateOfDose({ model: LVP, library: null }, programme, 0.0004)).toBeCloseTo(0.06, 12);
    expect(rateOfDose({ model: LVP, library: null }, programme, 100)).toBeCloseTo(15_000, 6);
    expect(rateOfDose({ model: LVP, library: null }, { ...programme, dose: null }, 1)).toBeUndefined();
    expect(doseOfRate({ ...programme, dose: null }, 1)).toBeNull();
  });
});

describe('a dose right at a limit of the library', () => {
  /** Drugs with limits by dose, each with a weight that makes the rate fall between two steps. */
  const bounds = ICU.entries.flatMap(({ drug, doseUnit, limits = {} }) =>
    (['hardMin', 'softMin', 'softMax', 'hardMax'] as const).flatMap((bound) => {
      const value = limits[bound];
      return value === undefined ? [] : [{ drug, bound, value, unit: doseUnit }];
    }),
  );

  /** Without limits of the rate itself: what is beyond those anyway is not rounded to keep a dose. */
  const byDose: DrugLibrary = {
    ...ICU,
    entries: ICU.entries.map(({ rateLimitsMlPerH: _, ...entry }) => entry),
  };

  it('is kept, by a rate on the side of the limit and within a step of what was asked for', () => {
    let rounded = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...bounds),
        fc.constantFrom(LVP, SYRINGE),
        fc.integer({ min: 40, max: 150 }),
        ({ drug, bound, value, unit }, model, weightKg) => {
          const entry = { drug, dose: { value, unit }, weightKg, volumeToBeInfusedMl: 50 };
          const { rateMlPerH, dose, ...programme } = resolve(entry, { library: byDose, model });
          const exactMlPerH = rateFromDose(value, programme.concentration, unit, weightKg)!;
          expect(Math.abs(rateMlPerH - exactMlPerH)).toBeLessThanOrEqual(model.rateMlPerH.step * (1 + 1e-6));
          if (bound.endsWith('Max')) expect(dose!.value).toBeLessThanOrEqual(value * (1 + 1e-9));
          else expect(dose!.value).toBeGreaterThanOrEqual(value * (1 - 1e-9));
          if (Math.abs(rateMlPerH - exactMlPerH) > model.rateMlPerH.step / 2 + 1e-6) rounded += 1;
        },
      ),
      { numRuns: 500 },
    );
    // Not to the nearest step, some dozens of times.
    expect(rounded).toBeGreaterThan(20);
  });

  it.each([
    ['dopamine', 19, 70, 49.8], // 49.875 mL/h: the nearest step is beyond the soft limit.
    ['dopamine', 28, 71, 74.5], // 74.55 mL/h, and the hard one
    ['dopamine', 0.9, 60, 2.1], // 2.025 mL/h, and the lower soft one
    ['dopamine', 5, 80, 15],
    ['dopamine', 5.05, 80, 15.2], // 15.15 mL/h: away from any limit it is the nearest step.
  ])('of %s, %d mcg/kg/min for %d kg, gives %d mL/h', (drug, value, weightKg, rateMlPerH) => {
    const entry = { drug, dose: { value, unit: 'mcg/kg/min' }, weightKg, volumeToBeInfusedMl: 100 };
    expect(resolve(entry, { library: ICU }).rateMlPerH).toBe(rateMlPerH);
  });
});

describe('two of rate, volume and time', () => {
  it.each([
    [{ rateMlPerH: 50, volumeToBeInfusedMl: 100 }, 'rate-volume', 50, 100, 120],
    [{ rateMlPerH: 50, durationMinutes: 90 }, 'rate-time', 50, 75, 90],
    [{ volumeToBeInfusedMl: 100, durationMinutes: 90 }, 'volume-time', 66.7, 100, (100 / 66.7) * 60],
    [{ rateMlPerH: 33.33, volumeToBeInfusedMl: 100 }, 'rate-volume', 33.3, 100, (100 / 33.3) * 60],
  ] as const)('%o give the rest', (entry, enteredBy, rateMlPerH, volumeMl, minutes) => {
    const programme = resolve(entry);
    expect(programme).toMatchObject({ enteredBy, rateMlPerH });
    expect(programme.volumeToBeInfusedMl).toBeCloseTo(volumeMl, 9);
    expect(programme.durationMinutes).toBeCloseTo(minutes, 9);
  });

  it.each([0.7, 1.1, 33.3])('give back the very time that was keyed in, at %s mL/h', (rateMlPerH) => {
    for (let minutes = 90; minutes < 190; minutes++) {
      expect(resolve({ rateMlPerH, durationMinutes: minutes }).durationMinutes).toBe(minutes);
    }
  });

  it('take the loading dose as a part of volume and time', () => {
    const loading = { volumeMl: 20, rateMlPerH: 120 };
    // 10 min for 20 mL, then 80 mL in 80 min.
    const byTime = resolve({ volumeToBeInfusedMl: 100, durationMinutes: 90, loading });
    expect(byTime.rateMlPerH).toBe(60);
    expect(byTime.durationMinutes).toBeCloseTo(90, 9);
    expect(resolve({ rateMlPerH: 60, durationMinutes: 90, loading }).volumeToBeInfusedMl).toBeCloseTo(100, 9);
    expect(resolve({ rateMlPerH: 60, volumeToBeInfusedMl: 100, loading }).durationMinutes).toBeCloseTo(90, 9);
    // The whole of it may be the loading dose.
    expect(resolve({ rateMlPerH: 60, volumeToBeInfusedMl: 20, loading }).durationMinutes).toBeCloseTo(10, 9);
  });

  it('may be all three, as far as they say the same', () => {
    const all = { rateMlPerH: 33.3, volumeToBeInfusedMl: 100, durationMinutes: 180 };
    expect(resolve(all).rateMlPerH).toBe(33.3);
    expect(refusal({ ...all, durationMinutes: 120 })).toMatch(/takes 180\.18 min, not 120 min/);
    const both = { drug: 'insulin regular', rateMlPerH: 5, dose: { value: 5, unit: 'units/h' } };
    expect(resolve({ ...both, volumeToBeInfusedMl: 50 }, { library: ICU }).enteredBy).toBe('dose');
    expect(refusal({ ...both, rateMlPerH: 5.1, volumeToBeInfusedMl: 50 }, { library: ICU })).toBe(
      'the dose asks for 5 mL/h, and the rate says 5.1 mL/h',
    );
  });

  it('stay within the syringe, and are never rounded out of it or down to nothing', () => {
    const asked = { model: SYRINGE, syringeMl: 5 };
    expect(resolve({ rateMlPerH: 150, volumeToBeInfusedMl: 4 }, asked).rateMlPerH).toBe(150);
    expect(refusal({ rateMlPerH: 150.004, volumeToBeInfusedMl: 4 }, asked)).toMatch(/not within 0\.1–150 mL/);
    expect(resolve({ rateMlPerH: 0.1, volumeToBeInfusedMl: 4 }, asked).rateMlPerH).toBe(0.1);
    expect(refusal({ rateMlPerH: 0.06, volumeToBeInfusedMl: 4 })).toMatch(/0\.06 mL\/h, is not within/);
    expect(refusal({ rateMlPerH: 999.01, volumeToBeInfusedMl: 4 })).toMatch(/not within 0\.1–999 mL/);
    expect(refusal({ rateMlPerH: 10, volumeToBeInfusedMl: 2 }, { model: SYRINGE, syringeMl: 3 })).toBe(
      'the pump does not know a syringe of 3 mL',
    );
    // A range whose ends are between two steps.
    const odd: PumpModel = { ...LVP, rateMlPerH: { min: 0.24, max: 9.96, step: 0.1 } };
    expect(resolve({ rateMlPerH: 0.24, volumeToBeInfusedMl: 4 }, { model: odd }).rateMlPerH).toBe(0.3);
    expect(resolve({ rateMlPerH: 9.96, volumeToBeInfusedMl: 4 }, { model: odd }).rateMlPerH).toBe(9.9);
  });
});

describe('the library', () => {
  it('offers the concentrations, however they are written', () => {
    const entry = { drug: 'norepinephrine', rateMlPerH: 6, volumeToBeInfusedMl: 50 };
    const asked = { library: ICU };
    expect(resolve({ ...entry, concentration: of(8, 'mg', 250) }, asked).dose?.value).toBeCloseTo(3.2, 12);
    expect(resolve({ ...entry, concentration: of(4_000, 'mcg', 250) }, asked).dose?.value).toBeCloseTo(
      1.6,
      12,
    );
    expect(refusal({ ...entry, concentration: of(5, 'mg', 250) }, asked)).toBe(
      'the library has no norepinephrine of 5 mg in 250 mL',
    );
    expect(refusal({ ...entry, concentration: of(5, 'units', 250) }, asked)).toMatch(/the library has no/);
    expect(refusal({ ...entry, drug: 'water' }, asked)).toBe('water is not in the library adult-icu 1.0.0');
    expect(refusal({ ...entry, drug: 'water' })).toBeUndefined();
  });
});

describe('the button', () => {
  const entry = { rateMlPerH: 1, volumeToBeInfusedMl: 50 };
  const pca = {
    demandDoseMl: 2,
    lockoutMinutes: 10,
    accumulatedLimitMl: 12,
    accumulatedWindowHours: 1 as const,
  };

  it('has the settings of the programme, or else of the model', () => {
    expect(resolve({ ...entry, pca }, { model: PCA }).pca).toEqual(pca);
    expect(resolve(entry, { model: PCA }).pca).toEqual({
      demandDoseMl: 1,
      lockoutMinutes: 8,
      accumulatedLimitMl: 15,
      accumulatedWindowHours: 4,
    });
    expect(resolve(entry).pca).toBeNull();
  });

  it.each([
    [{ lockoutMinutes: 4 }, /the lockout is not within 5–240 min/],
    [{ lockoutMinutes: 241 }, /the lockout is not within 5–240 min/],
    [{ demandDoseMl: 5.1 }, /more than 5 mL/],
    [{ demandDoseMl: 4, accumulatedLimitMl: 3 }, /more than the accumulated limit/],
    [{ accumulatedLimitMl: 1_000 }, /more than 999 mL/],
    [{ accumulatedWindowHours: 3 }, /not 1, 2 or 4 h/],
    [{ colour: 'red' }, /settings of the button/],
  ])('is refused with %o', (change, reason) => {
    expect(refusal({ ...entry, pca: { ...pca, ...change } }, { model: PCA })).toMatch(reason);
  });

  it('is refused on a pump without one', () => {
    expect(refusal({ ...entry, pca })).toBe("a Large-volume pump has no patient's button");
  });
});

describe('an entry', () => {
  const GOOD = { rateMlPerH: 10, volumeToBeInfusedMl: 50 };

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['one figure only', { rateMlPerH: 10 }, /two of rate, volume and time/],
    ['a dose only', { dose: { value: 1, unit: 'mL/h' } }, /a volume or a time/],
    ['a rate of NaN', { ...GOOD, rateMlPerH: Number.NaN }, /the rate is not a number above 0/],
    ['a rate without end', { ...GOOD, rateMlPerH: Number.POSITIVE_INFINITY }, /the rate is not/],
    ['a negative rate', { ...GOOD, rateMlPerH: -1 }, /the rate is not/],
    ['a rate of 0', { ...GOOD, rateMlPerH: 0 }, /the rate is not/],
    ['a rate that is text', { ...GOOD, rateMlPerH: '10' }, /the rate is not/],
    ['a rate that is a list', { ...GOOD, rateMlPerH: [10] }, /the rate is not/],
    ['a volume of 0', { ...GOOD, volumeToBeInfusedMl: 0 }, /the volume is not a number above 0/],
    ['a volume above the range', { ...GOOD, volumeToBeInfusedMl: 10_000 }, /volume 10000 mL is not within/],
    ['a volume worked out above it', { rateMlPerH: 999, durationMinutes: 1e6 }, /volume .* is not within/],
    ['a volume below the range', { rateMlPerH: 0.1, durationMinutes: 5 }, /volume .* is not within/],
    ['no time at all', { ...GOOD, durationMinutes: 0 }, /the time is not a number above 0/],
    ['a weight of 0', { ...GOOD, weightKg: 0 }, /weight is not within 0\.25–500 kg/],
    ['a weight of 900 kg', { ...GOOD, weightKg: 900 }, /weight is not within 0\.25–500 kg/],
    ['an unknown dose unit', { ...GOOD, dose: { value: 1, unit: 'mg/day' } }, /not a dose unit/],
    ['a dose of NaN', { ...GOOD, dose: { value: Number.NaN, unit: 'mL/h' } }, /the dose is not a number/],
    [
      'a dose without a concentration',
      { ...GOOD, dose: { value: 1, unit: 'mg/h' } },
      /concentration is needed/,
    ],
    [
      'a dose of another family',
      { volumeToBeInfusedMl: 50, dose: { value: 1, unit: 'mg/h' }, concentration: of(1, 'units', 1) },
      /mg\/h does not fit 1 units in 1 mL/,
    ],
    [
      'a dose per kilogram of nobody',
      { volumeToBeInfusedMl: 50, dose: { value: 1, unit: 'mg/kg/h' }, concentration: of(1, 'mg', 1) },
      /the weight is needed/,
    ],
    [
      'a concentration next to nothing',
      { volumeToBeInfusedMl: 50, dose: { value: 1, unit: 'mg/h' }, concentration: of(1e-300, 'ng', 1e300) },
      /the rate, .* is not within/,
    ],
    [
      'a concentration beyond all numbers',
      { ...GOOD, drug: 'x', concentration: of(1e308, 'g', 1e-300), dose: { value: 1, unit: 'mg/h' } },
      /the rate, 0 mL\/h, is not within/,
    ],
    [
      'a loading dose above the volume',
      { ...GOOD, loading: { volumeMl: 51, rateMlPerH: 99 } },
      /more than the/,
    ],
    [
      'a loading dose too fast',
      { ...GOOD, loading: { volumeMl: 5, rateMlPerH: 1e4 } },
      /rate of the loading/,
    ],
    [
      'a loading dose that takes all the time',
      { rateMlPerH: 10, durationMinutes: 5, loading: { volumeMl: 10, rateMlPerH: 10 } },
      /loading dose alone takes 60 min/,
    ],
    [
      'a loading dose that leaves nothing',
      { volumeToBeInfusedMl: 10, durationMinutes: 60, loading: { volumeMl: 10, rateMlPerH: 10 } },
      /leaves no volume or no time/,
    ],
    ['a drug of 65 characters', { ...GOOD, drug: 'x'.repeat(65) }, /the drug is not a text/],
    ['an order of 65 characters', { ...GOOD, orderId: 'x'.repeat(65) }, /the order is not a text/],
    ['a drug that is a number', { ...GOOD, drug: 7 }, /the drug is not a text/],
    ['a long dose unit', { ...GOOD, dose: { value: 1, unit: 'm'.repeat(65) } }, /dose unit is not a text/],
    ['an unknown key', { ...GOOD, rate: 5 }, /not a programme as the pump knows it/],
  ])('is refused with %s', (_what, entry, reason) => {
    expect(refusal(entry)).toMatch(reason);
  });

  it.each([null, undefined, 1, 'x', [], () => 1, Symbol('x')])('is refused as %s', (entry) => {
    const result = resolveProgramme({ model: LVP, library: ICU }, entry as unknown as ProgrammeEntry);
    expect(result).toMatchObject({ ok: false });
  });
});

const UNITS = ['ng', 'mcg', 'mg', 'g', 'milliunits', 'units', 'mEq', 'mL'].flatMap((amount) =>
  ['', '/kg'].flatMap((weight) => ['/h', '/min'].map((time) => amount + weight + time)),
);
const amounts = fc.oneof(
  { weight: 12, arbitrary: fc.double({ min: 0.01, max: 500, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, 1e308, 0.04, 999, 9_999),
  },
);
const doses = fc.record({ value: amounts, unit: fc.constantFrom(...UNITS) });
/** Two figures that make a programme, and now and then something besides. */
const figures = fc.oneof(
  fc.record({ rateMlPerH: amounts, volumeToBeInfusedMl: amounts }),
  fc.record({ rateMlPerH: amounts, durationMinutes: amounts }),
  fc.record({ volumeToBeInfusedMl: amounts, durationMinutes: amounts }),
  fc.record({ dose: doses, volumeToBeInfusedMl: amounts }),
  fc.record({ dose: doses, durationMinutes: amounts }),
);
const seldom = <T>(some: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: some });
const besides = fc.record({
  orderId: fc.constantFrom(null, 'o-1'),
  drug: fc.constantFrom(null, null, ...ICU.entries.map(({ drug }) => drug), 'water'),
  concentration: seldom(
    fc.record({
      amount: amounts,
      amountUnit: fc.constantFrom('mg', 'mcg', 'units', 'mEq', 'mL', 'stone'),
      volumeMl: amounts,
    }),
  ),
  weightKg: fc.oneof(fc.double({ min: 0.3, max: 300, noNaN: true }), fc.constantFrom(undefined, 0, 900)),
  loading: seldom(fc.record({ volumeMl: amounts, rateMlPerH: amounts })),
});
const more = fc.record(
  {
    rateMlPerH: amounts,
    durationMinutes: amounts,
    dose: doses,
    pca: fc.record({
      demandDoseMl: amounts,
      lockoutMinutes: amounts,
      accumulatedLimitMl: amounts,
      accumulatedWindowHours: fc.constantFrom(1, 2, 4, 3),
    }),
  },
  { requiredKeys: [] },
);
const loose = fc
  .tuple(besides, figures, seldom(more))
  .map(([some, two, others]) => ({ ...some, ...two, ...others }));
const models = fc.constantFrom(LVP, SYRINGE, PCA);
const syringes = fc.constantFrom(null, 1, 5, 10, 20, 50);
const libraries = fc.constantFrom(null, ICU);

function expectInRange(programme: Programme, model: PumpModel, syringeMl: number | null): void {
  const syringe = model.syringes?.find(({ sizeMl }) => sizeMl === syringeMl);
  const maxMlPerH = Math.min(model.rateMlPerH.max, syringe?.maximumRateMlPerH ?? Number.POSITIVE_INFINITY);
  const rates = [programme.rateMlPerH, ...(programme.loading === null ? [] : [programme.loading.rateMlPerH])];
  for (const rate of rates) {
    // Only the button gives.
    if (rate === 0 && model.pca !== null && rate === programme.rateMlPerH) continue;
    expect(rate).toBeGreaterThanOrEqual(model.rateMlPerH.min);
    expect(rate).toBeLessThanOrEqual(maxMlPerH);
    const steps = rate / model.rateMlPerH.step;
    expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-6);
  }
  const { volumeToBeInfusedMl: volumeMl, durationMinutes, loading, pca, dose } = programme;
  expect(volumeMl).toBeGreaterThanOrEqual(model.volumeToBeInfusedMl.min);
  expect(volumeMl).toBeLessThanOrEqual(model.volumeToBeInfusedMl.max);
  const loadingMl = loading?.volumeMl ?? 0;
  expect(loadingMl).toBeLessThanOrEqual(volumeMl);
  const hours =
    programme.rateMlPerH === 0
      ? 0
      : loadingMl / (loading?.rateMlPerH ?? 1) + (volumeMl - loadingMl) / programme.rateMlPerH;
  expect(Math.abs(durationMinutes - hours * 60)).toBeLessThanOrEqual(durationMinutes * 1e-6);
  if (dose !== null && programme.rateMlPerH === 0) expect(dose.value).toBe(0);
  else if (dose !== null) expect(dose.value > 0 && Number.isFinite(dose.value)).toBe(true);
  expect(pca === null).toBe(model.pca === null);
  if (pca !== null) {
    expect(pca.lockoutMinutes).toBeGreaterThanOrEqual(5);
    expect(pca.demandDoseMl).toBeLessThanOrEqual(pca.accumulatedLimitMl);
  }
}

describe('any entry', () => {
  it('makes a programme within the ranges of the model, or is refused', () => {
    let resolved = 0;
    fc.assert(
      fc.property(models, libraries, syringes, loose, (model, library, syringeMl, entry) => {
        const result = resolveProgramme({ model, library, syringeMl }, entry as unknown as ProgrammeEntry);
        if (!result.ok) {
          expect(result.reason).not.toBe('');
          return;
        }
        resolved += 1;
        expectInRange(result.programme, model, syringeMl);
      }),
      { numRuns: 3_000 },
    );
    expect(resolved).toBeGreaterThan(100);
  });

  it('of whatever type is taken without an exception', () => {
    fc.assert(
      fc.property(models, fc.anything(), (model, anything) => {
        const result = resolveProgramme({ model, library: ICU }, anything as ProgrammeEntry);
        expect(result.ok).toBe(false);
      }),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.json(), (json) => {
        const entry = { orderId: null, drug: null, ...JSON.parse(json) } as ProgrammeEntry;
        expect(resolveProgramme({ model: LVP, library: null }, entry)).toHaveProperty('ok');
      }),
      { numRuns: 500 },
    );
  });

  it('by dose drives what was asked for, to half a step', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(LVP, SYRINGE),
        fc.constantFrom(...UNITS.filter((unit) => /^(ng|mcg|mg|g|mL)\//.test(unit))),
        fc.double({ min: 0.25, max: 500, noNaN: true }),
        fc.double({ min: 0.1, max: 99, noNaN: true }),
        fc.record({
          amount: fc.double({ min: 0.01, max: 5_000, noNaN: true }),
          amountUnit: fc.constantFrom('mcg' as const, 'mg' as const, 'g' as const),
          volumeMl: fc.double({ min: 1, max: 1_000, noNaN: true }),
        }),
        (model, unit, weightKg, wantedMlPerH, concentration) => {
          const about = resolve(
            { concentration, weightKg, rateMlPerH: wantedMlPerH, volumeToBeInfusedMl: 50 },
            { model },
          );
          const { value } = doseOfRate({ ...about, dose: { value: 1, unit } }, wantedMlPerH)!;
          const programme = resolve(
            { concentration, weightKg, dose: { value, unit }, volumeToBeInfusedMl: 50 },
            { model },
          );
          const halfStep = (model.rateMlPerH.step / 2) * (1 + 1e-9) + 1e-9;
          expect(Math.abs(programme.rateMlPerH - wantedMlPerH)).toBeLessThanOrEqual(halfStep);
          const share = programme.dose!.value / value;
          expect(Math.abs(share - 1)).toBeLessThanOrEqual(halfStep / wantedMlPerH + 1e-9);
          // What is shown back can be keyed in again, and gives the same.
          expect(rateOfDose({ model, library: null }, programme, programme.dose!.value)).toBe(
            programme.rateMlPerH,
          );
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
