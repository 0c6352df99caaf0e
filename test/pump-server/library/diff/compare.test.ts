import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DrugLibrary, LibraryEntry } from '../../../../protocol/drug-library/index.ts';
import { changeText, compareLibraries } from '../../../../pump-server/index.ts';
import type { Change } from '../../../../pump-server/library/diff/change.ts';
import { anyLibrary } from '../any-library.ts';
import { entry, PLAIN, SAMPLES, sample, withEntries } from '../samples.ts';

const said = (before: DrugLibrary, after: DrugLibrary) => compareLibraries(before, after).map(changeText);
const change = (before: Partial<LibraryEntry>, after: Partial<LibraryEntry>) =>
  said(withEntries(entry('propofol', before)), withEntries(entry('propofol', after)));

describe('the changes of a library', () => {
  it.each([
    [
      'a hard maximum that is raised',
      { limits: { hardMax: 95 } },
      { limits: { hardMax: 120 } },
      ['propofol: hard maximum 95 → 120 mg/h  LOOSENED'],
    ],
    [
      'one that is lowered',
      { limits: { hardMax: 95 } },
      { limits: { hardMax: 90 } },
      ['propofol: hard maximum 95 → 90 mg/h  tightened'],
    ],
    [
      'one that is gone',
      { limits: { softMax: 9, hardMax: 95 } },
      { limits: { softMax: 9 } },
      ['propofol: hard maximum 95 mg/h → none  LOOSENED'],
    ],
    [
      'one that is new',
      { limits: { softMax: 9 } },
      { limits: { softMax: 9, hardMax: 95 } },
      ['propofol: hard maximum none → 95 mg/h  tightened'],
    ],
    [
      'a soft minimum that is lowered',
      { limits: { softMin: 2 } },
      { limits: { softMin: 1 } },
      ['propofol: soft minimum 2 → 1 mg/h  LOOSENED'],
    ],
    [
      'a minimum of nothing that is gone',
      { limits: { softMin: 0, softMax: 9 } },
      { limits: { softMax: 9 } },
      ['propofol: soft minimum 0 mg/h → none'],
    ],
    [
      'another unit and the same dose',
      { limits: { hardMax: 1 } },
      { doseUnit: 'mcg/h', limits: { hardMax: 1000 } },
      ['propofol: dose unit mg/h → mcg/h'],
    ],
    [
      'another unit and a higher dose',
      { limits: { hardMax: 60 } },
      { doseUnit: 'mg/min', limits: { hardMax: 2 } },
      ['propofol: dose unit mg/h → mg/min', 'propofol: hard maximum 60 mg/h → 2 mg/min  LOOSENED'],
    ],
    [
      'a dose by weight',
      { limits: { hardMax: 60 } },
      { doseUnit: 'mg/kg/h', limits: { hardMax: 60 } },
      [
        'propofol: dose unit mg/h → mg/kg/h  UNCLEAR: compare by hand',
        'propofol: hard maximum 60 mg/h → 60 mg/kg/h  UNCLEAR: compare by hand',
      ],
    ],
    [
      'a shorter lockout',
      { pca: { amountUnit: 'mg', lockoutMinutes: { hardMin: 5 } } },
      { pca: { amountUnit: 'mg', lockoutMinutes: { hardMin: 1 } } },
      ['propofol: PCA lockout: hard minimum 5 → 1 min  LOOSENED'],
    ],
    [
      'a shorter window of what accumulates',
      { pca: { amountUnit: 'mg', accumulated: { hardMax: 5 } } },
      { pca: { amountUnit: 'mg', accumulated: { hardMax: 5 }, accumulatedWindowHours: 1 } },
      ['propofol: PCA accumulated: window 4 → 1 h  LOOSENED'],
    ],
    ['PCA at all', {}, { pca: { amountUnit: 'mg' } }, ['propofol: PCA none → allowed, in mg  LOOSENED']],
    ['a bolus at all', {}, { bolusMaxMl: 5 }, ['propofol: bolus none → up to 5 mL  LOOSENED']],
    ['a larger bolus', { bolusMaxMl: 5 }, { bolusMaxMl: 6 }, ['propofol: bolus: maximum 5 → 6 mL  LOOSENED']],
    [
      'a bolus without its limit by amount',
      { bolusMaxMl: 5, bolusLimits: { unit: 'mg', limits: { hardMax: 1 } } },
      { bolusMaxMl: 5 },
      ['propofol: bolus: hard maximum 1 mg → none  LOOSENED'],
    ],
    [
      'no loading dose any more',
      { loadingMaxMl: 5 },
      {},
      ['propofol: loading dose: maximum 5 mL → none  tightened'],
    ],
    [
      'a stronger bag',
      {},
      { otherConcentrations: [{ amount: 400, amountUnit: 'mg', volumeMl: 100 }] },
      ['propofol: concentration none → 400 mg in 100 mL  LOOSENED'],
    ],
    [
      'a weaker bag',
      {},
      { otherConcentrations: [{ amount: 50, amountUnit: 'mg', volumeMl: 100 }] },
      ['propofol: concentration none → 50 mg in 100 mL'],
    ],
    [
      'the same strength in another bag',
      {},
      { concentration: { amount: 50_000, amountUnit: 'mcg', volumeMl: 50 } },
      [],
    ],
    [
      'a shorter least duration',
      { durationLimitsMinutes: { hardMin: 25 } },
      { durationLimitsMinutes: { hardMin: 5 } },
      ['propofol: duration: hard minimum 25 → 5 min  LOOSENED'],
    ],
  ] as const)('tell of %s', (_, before, after, lines) => {
    expect(change(before as Partial<LibraryEntry>, after as Partial<LibraryEntry>)).toEqual(lines);
  });

  it('tell of a drug that is gone or new', () => {
    const both = withEntries(entry('propofol'), entry('ketamine'));
    expect(said(both, PLAIN)).toEqual([
      'ketamine: removed, and with it 100 mg in 100 mL, – / 1 / 50 / 95 mg/h; it runs outside the library only, without limits  LOOSENED',
    ]);
    expect(said(PLAIN, both)).toEqual([
      'ketamine: added, with 100 mg in 100 mL, – / 1 / 50 / 95 mg/h  tightened',
    ]);
  });

  it('tell of what holds for the care area', () => {
    const nursery = sample('nursery');
    expect(
      said(nursery, { ...nursery, maximumRateMlPerH: 40, airLimitMicroL: 75, maximumKeepVeinOpenMlPerH: 1 }),
    ).toEqual([
      'maximum rate 25 → 40 mL/h  LOOSENED',
      'maximum rate to keep a vein open 2 → 1 mL/h  tightened',
      'air limit 50 → 75 µL  LOOSENED',
    ]);
    const { weightLimitsKg: _, ...unweighed } = nursery;
    expect(said(nursery, unweighed)[0]).toBe('weight: hard minimum 0.4 kg → none  LOOSENED');
    expect(said(PLAIN, { ...PLAIN, careArea: 'adult-icu' })).toEqual([
      'care area adult-ward → adult-icu  UNCLEAR: compare by hand',
    ]);
  });

  it('are none in another order of the drugs', () => {
    const library = sample('adult-icu');
    expect(said(library, { ...library, entries: library.entries.toReversed() })).toEqual([]);
  });

  it.each(SAMPLES)('are none between %s and itself', (name) => {
    expect(said(sample(name), sample(name))).toEqual([]);
  });

  it('are none between any library and itself', () => {
    fc.assert(
      fc.property(anyLibrary, (library) => {
        expect(compareLibraries(library, structuredClone(library))).toEqual([]);
      }),
    );
  });

  it('are loosened one way where they are tightened the other way', () => {
    const opposite = {
      loosened: 'tightened',
      tightened: 'loosened',
      unclear: 'unclear',
      none: 'none',
    } as const;
    const turned = ({ before, after, effect, ...rest }: Change): Change => ({
      ...rest,
      before: after,
      after: before,
      effect: opposite[effect],
    });
    const inOrder = (changes: readonly Change[]) =>
      changes.map((one) => JSON.stringify(Object.entries(one).sort())).sort();
    // The same drugs more often than chance has it.
    const pair = fc.tuple(anyLibrary, anyLibrary).map(([one, other]): [DrugLibrary, DrugLibrary] => {
      const drugs = one.entries.map(({ drug }) => drug);
      return [
        one,
        {
          ...other,
          entries: other.entries.map((each, index) => ({ ...each, drug: drugs[index] ?? `other ${index}` })),
        },
      ];
    });
    fc.assert(
      fc.property(pair, ([one, other]) => {
        const there = compareLibraries(one, other);
        expect(inOrder(there.map(turned))).toEqual(inOrder(compareLibraries(other, one)));
      }),
      { numRuns: 300 },
    );
  });

  it('are loosened where a maximum is raised, whatever the units', () => {
    const unit = fc.constantFrom('mcg/h', 'mcg/min', 'mg/h', 'g/h', 'ng/min');
    const factor = { 'mcg/h': 1e-3, 'mcg/min': 0.06, 'mg/h': 1, 'g/h': 1000, 'ng/min': 6e-5 } as const;
    fc.assert(
      fc.property(
        unit,
        unit,
        fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (from, to, mgPerH, times) => {
          fc.pre(Math.abs(times - 1) > 1e-6);
          const at = (doseUnit: keyof typeof factor, dose: number) =>
            withEntries(entry('a', { doseUnit, limits: { hardMax: dose / factor[doseUnit] } }));
          const changes = compareLibraries(at(from, mgPerH), at(to, mgPerH * times)).filter(
            ({ what }) => what === 'hard maximum',
          );
          expect(changes.map(({ effect }) => effect)).toEqual([times > 1 ? 'loosened' : 'tightened']);
          expect(
            compareLibraries(at(from, mgPerH), at(to, mgPerH)).filter(({ effect }) => effect !== 'none'),
          ).toEqual([]);
        },
      ),
    );
  });
});
