import { describe, expect, it } from 'vitest';
import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import { CONTROL_IDS, type Identity, type LibraryCeiling } from '../../../protocol/index.ts';
import { acceptCeiling, beyondCeiling, ruledOutByCeiling } from '../../../simulator/drug-library/index.ts';
import { loadWardData } from '../../../testbed/index.ts';
import { ceilingOf, libraryJson } from '../../helpers/ceiling.ts';

const ALL = new Set(CONTROL_IDS);
const ENGINEER: Identity = { kind: 'clinical-engineer', id: 'clinical-engineer-01' };

/** The ICU's library with one entry changed. */
function library(drug: string, change: object): DrugLibrary {
  const shipped: DrugLibrary = libraryJson('adult-icu');
  return {
    ...shipped,
    entries: shipped.entries.map((entry) => (entry.drug === drug ? { ...entry, ...change } : entry)),
  };
}

describe('the shipped libraries', () => {
  const { libraries, ceilings } = loadWardData();
  it.each(libraries.map(({ library }) => [library.careArea, library] as const))(
    '%s keeps within the ceiling that is shipped for it',
    (careArea, shipped) => {
      const files = ceilings.filter(({ careAreas }) => careAreas.includes(careArea));
      expect(files).toHaveLength(1);
      expect(beyondCeiling(shipped, ceilingOf(careArea))).toEqual([]);
    },
  );
});

describe('a library against a ceiling', () => {
  const icu = ceilingOf('adult-icu');
  it.each<[string, DrugLibrary, string[]]>([
    [
      'a hard maximum ten times too high',
      library('propofol', { limits: { hardMax: 950 } }),
      ['the hard maximum of propofol is 950 mcg/kg/min, the ceiling is 100 mcg/kg/min'],
    ],
    [
      'one that is too high in another unit',
      library('vasopressin', { limits: { hardMax: 0.08 } }),
      [
        'the hard maximum of vasopressin is 0.08 units/min (80 milliunits/min), the ceiling is 70 milliunits/min',
      ],
    ],
    [
      'no hard maximum',
      library('fentanyl', { limits: { softMax: 240 } }),
      ['fentanyl has no hard maximum, the ceiling is 0.75 mg/h'],
    ],
    [
      'limits of the rate only',
      library('fentanyl', { limits: undefined, rateLimitsMlPerH: { hardMax: 5 } }),
      ['fentanyl has no hard maximum, the ceiling is 0.75 mg/h'],
    ],
    [
      'a unit that cannot be compared',
      library('midazolam', { doseUnit: 'mg/kg/h', limits: { hardMax: 0.1 } }),
      ['the hard maximum of midazolam is 0.1 mg/kg/h, which cannot be compared: the ceiling is 10 mg/h'],
    ],
    [
      'another spelling of the name',
      library('propofol', { drug: 'PropoFol', limits: { hardMax: 950 } }),
      ['the hard maximum of PropoFol is 950 mcg/kg/min, the ceiling is 100 mcg/kg/min'],
    ],
    ['the very limit of the ceiling', library('propofol', { limits: { hardMax: 100 } }), []],
    ['the same in another unit', library('fentanyl', { limits: { hardMax: 750 } }), []],
    ['a drug that the ceiling does not name', library('heparin', { limits: { softMax: 1_000 } }), []],
  ])('with %s', (_, given, beyond) => {
    expect(beyondCeiling(given, icu)).toEqual(beyond);
  });

  it('is ruled out in one sentence, however much is beyond', () => {
    const none = { ...icu, limits: icu.limits.map((limit) => ({ ...limit, hardMax: 1e-6 })) };
    expect(ruledOutByCeiling(library('x', {}), none, { controls: ALL, weaknesses: [] })).toMatch(
      /^the hard maximum of propofol .*; and 9 more beyond it$/,
    );
  });

  it('is not looked at where the control is off or the firmware knows none', () => {
    const loose = library('propofol', { limits: { hardMax: 950 } });
    const off = new Set(CONTROL_IDS.filter((id) => id !== 'library-ceiling'));
    expect(ruledOutByCeiling(loose, icu, { controls: off, weaknesses: [] })).toBeUndefined();
    expect(
      ruledOutByCeiling(loose, icu, { controls: ALL, weaknesses: ['knows-no-ceiling'] }),
    ).toBeUndefined();
    expect(ruledOutByCeiling(loose, icu, { controls: ALL, weaknesses: [] })).toMatch(/propofol/);
  });

  it('is ruled out where a pump that looks for a ceiling has none', () => {
    expect(ruledOutByCeiling(library('x', {}), null, { controls: ALL, weaknesses: [] })).toBe(
      'this pump has no ceiling from clinical engineering yet',
    );
  });
});

describe('an offered ceiling', () => {
  const judged = (
    change: Partial<Parameters<typeof acceptCeiling>[0]> = {},
    ceiling: Partial<LibraryCeiling> = {},
  ) =>
    acceptCeiling({
      ceiling: ceilingOf('adult-icu', ceiling),
      signers: [{ identity: ENGINEER }],
      careArea: 'adult-icu',
      sequence: null,
      nowMs: Date.parse('2026-03-01T08:00:00.000Z'),
      controls: ALL,
      weaknesses: [],
      ...change,
    });

  it('is taken if clinical engineering signed it', () => {
    expect(judged()).toEqual({ accepted: true });
    expect(judged({ sequence: 1 }, { sequence: 2 })).toEqual({ accepted: true });
  });

  it.each<[string, ReturnType<typeof judged>, string | null]>([
    ['nobody signed it', judged({ signers: [] }), 'library-ceiling'],
    [
      'two pharmacists and a biomedical engineer signed it',
      judged({
        signers: (['pharmacist', 'biomed'] as const).map((kind) => ({ identity: { kind, id: 'x' } })),
      }),
      'library-ceiling',
    ],
    ['it has expired', judged({ nowMs: Date.parse('2026-05-01T00:00:00.000Z') }), 'library-ceiling'],
    ['it goes back', judged({ sequence: 3 }, { sequence: 2 }), 'library-ceiling'],
    ['it comes under a number that is taken', judged({ sequence: 2 }, { sequence: 2 }), 'library-ceiling'],
    ['it is for another care area', judged({ careArea: 'nursery' }), null],
    ['this firmware knows none', judged({ weaknesses: ['knows-no-ceiling'] }), null],
  ])('is refused when %s', (_, verdict, control) => {
    expect(verdict).toMatchObject({ accepted: false, control });
  });
});
