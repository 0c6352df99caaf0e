import { describe, expect, it } from 'vitest';
import type { DrugLibrary, LibraryEntry } from '../../../../protocol/drug-library/index.ts';
import { ONE_LIBRARY, SEVERAL_LIBRARIES } from '../../../../pump-server/library/rules/rules.ts';
import { entry, PLAIN, SAMPLES, sample, withEntries } from '../samples.ts';

const told = (library: DrugLibrary): readonly string[] =>
  ONE_LIBRARY.flatMap((rule) => rule(library)).map(
    ({ rule, path, message }) => `${rule} ${path.join('.')} ${message}`,
  );
const toldOf = (...entries: LibraryEntry[]): readonly string[] => told(withEntries(...entries));
const toldOfNames = (...names: string[]): readonly string[] => toldOf(...names.map((name) => entry(name)));

describe('a sound library', () => {
  it('has nothing told of it', () => {
    expect(told(PLAIN)).toEqual([]);
  });

  it.each(SAMPLES)('is %s of the house, but for warnings', (name) => {
    const rules = told(sample(name)).map((text) => text.split(' ')[0]);
    expect(rules.filter((rule) => rule !== 'no-hard-maximum' && rule !== 'look-alike')).toEqual([]);
  });
});

describe('names that read as one', () => {
  it.each([
    ['case', 'glucose', 'Glucose'],
    ['blanks', 'glucose 5%', 'glucose 5 %'],
    ['hyphens', 'calcium-gluconate', 'calcium gluconate'],
    ['a Cyrillic word', 'рaсе', 'pace'],
    ['a digit for a letter', 'oxytocin', '0xytocin'],
    ['a capital I for an l', 'glucose', 'gIucose'],
    ['wide letters', 'glucose', 'ｇｌｕｃｏｓｅ'],
  ])('are the same for %s', (_, one, other) => {
    expect(toldOfNames(one, other).filter((text) => text.startsWith('same-name'))).toHaveLength(1);
  });

  it('are not those that differ in a number or a letter', () => {
    expect(toldOfNames('glucose 5%', 'glucose 50%', 'glucose 10%')).toEqual([]);
    expect(toldOfNames('abc', 'abd')).toEqual([]);
  });

  it('is told of letters of two scripts in a word, and not of two words', () => {
    expect(toldOfNames('kеtorolac')).toEqual([
      'mixed-letters entries.0.drug "kеtorolac" has letters of another script among Latin ones: U+0435',
    ]);
    expect(toldOfNames('β-carotene', 'γ globulin 5 µg')).toEqual([]);
  });

  it('is told of one that a spreadsheet runs', () => {
    expect(
      toldOfNames('=cmd|x', '+drug', '-drug', '@drug').filter((text) => text.startsWith('formula-name')),
    ).toHaveLength(4);
  });
});

describe('names that look alike', () => {
  it.each([
    ['one letter', 'clonidine', 'clomidine'],
    ['two letters', 'prednisone', 'prednisolone'],
    ['a letter less at the start', 'etomidate', 'tomidate'],
    ['two that are swapped', 'cefazolin', 'cefzaolin'],
    ['being known for it', 'dopamine', 'dobutamine'],
    ['being known for it, with more words', 'cisplatin 1 mg/mL', 'carboplatin'],
  ])('are told of for %s', (_, one, other) => {
    expect(toldOfNames(one, 'zzzzzzzz', other).filter((text) => text.startsWith('look-alike'))).toEqual([
      `look-alike entries.2.drug "${other}" looks like "${one}"`,
    ]);
  });

  it('are no warning in tall man letters, on both sides', () => {
    const looks = (...names: string[]) =>
      toldOfNames(...names).filter((text) => text.startsWith('look-alike'));
    expect(looks('DOPamine', 'DOBUTamine')).toEqual([]);
    expect(looks('DOPamine', 'dobutamine')).toHaveLength(1);
    expect(looks('Dopamine', 'Dobutamine')).toHaveLength(1);
  });

  it('are found as a comparison of each with each finds them', () => {
    const letters = 'abc';
    const names = Array.from({ length: 400 }, (_, index) =>
      Array.from(
        { length: 5 + (index % 7) },
        (_, at) => letters[(index * (at + 3) + (index >> at)) % 3],
      ).join(''),
    );
    const unique = [...new Set(names)];
    const edits = (a: string, b: string): number => {
      let row = Array.from({ length: b.length + 1 }, (_, index) => index);
      for (const [i, char] of [...a].entries()) {
        const next = [i + 1];
        for (const [j, other] of [...b].entries())
          next.push(Math.min(row[j]! + (char === other ? 0 : 1), row[j + 1]! + 1, next[j]! + 1));
        row = next;
      }
      return row.at(-1)!;
    };
    const expected = unique.flatMap((one, index) =>
      unique.slice(0, index).filter((other) => {
        const most = Math.min(one.length, other.length) >= 8 ? 2 : 1;
        return edits(one, other) <= most;
      }),
    );
    expect(expected.length).toBeGreaterThan(20);
    const looks = toldOfNames(...unique).filter((text) => text.startsWith('look-alike'));
    expect(looks).toHaveLength(expected.length);
  });

  it('are not sought for ever', () => {
    const names = Array.from(
      { length: 4_000 },
      (_, index) =>
        `sodium${index.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)]!)}chloride`,
    );
    expect(toldOfNames(...names).at(-1)).toMatch(/names-not-compared/);
  });
});

describe('strengths', () => {
  const strong = (amount: number, amountUnit: 'mg' | 'mcg' | 'g' = 'mg') => ({
    amount,
    amountUnit,
    volumeMl: 100,
  });

  it.each([
    [10, strong(1_000)],
    [10, strong(10)],
    [1000, strong(100, 'mcg')],
    [1000, strong(100, 'g')],
  ])('are told of that are %i times apart', (times, other) => {
    const [first] = toldOf(entry('propofol', { otherConcentrations: [strong(200), other] }));
    expect(first).toMatch(/^strength-slip entries\.0\.otherConcentrations\.1 .* are \d+ times apart$/);
    expect(first).toContain(`${times} times`);
  });

  it('are none of two and four times', () => {
    expect(toldOf(entry('propofol', { otherConcentrations: [strong(200), strong(400)] }))).toEqual([]);
  });
});

describe('high-alert drugs', () => {
  it('are told of without a hard maximum, and others are not', () => {
    const soft = { limits: { softMax: 5 } };
    expect(toldOf(entry('Heparin', soft), entry('glucose', soft))).toEqual([
      'no-hard-maximum entries.0.limits "Heparin" is a high-alert drug and has no hard maximum',
    ]);
    expect(toldOf(entry('heparin', { ...soft, rateLimitsMlPerH: { hardMax: 9 } }))).toEqual([]);
    expect(toldOf(entry('potassium chloride', { ...soft, durationLimitsMinutes: { hardMin: 25 } }))).toEqual(
      [],
    );
  });
});

describe('PCA', () => {
  const pca = { amountUnit: 'mg', lockoutMinutes: { hardMin: 5 }, accumulated: { hardMax: 15 } } as const;

  it('is told of without a hard lockout or a hard limit on what accumulates', () => {
    expect(toldOf(entry('a', { pca }))).toEqual([]);
    expect(toldOf(entry('a', { pca: { ...pca, lockoutMinutes: { softMin: 5 } } })).join()).toMatch(
      /^pca-lockout entries\.0\.pca\.lockoutMinutes/,
    );
    expect(toldOf(entry('a', { pca: { ...pca, lockoutMinutes: { hardMin: 0 } } }))).toHaveLength(1);
    expect(toldOf(entry('a', { pca: { ...pca, accumulated: { softMax: 5 } } })).join()).toMatch(
      /^pca-lockout entries\.0\.pca\.accumulated/,
    );
  });
});

describe('care areas', () => {
  it('are told of if no pump is in them, or none can be', () => {
    expect(told({ ...PLAIN, careArea: 'adult-icw' })).toEqual([
      'care-area-unknown careArea no care area is called "adult-icw"; "adult-icu"?',
    ]);
    expect(told({ ...PLAIN, careArea: 'a/b' }).join()).toMatch(/^care-area-name careArea/);
    expect(told({ ...PLAIN, careArea: '#' }).join()).toMatch(/^care-area-name careArea/);
  });

  it('have no drug above their maximum', () => {
    const fast = withEntries(entry('a', { rateLimitsMlPerH: { softMax: 100, hardMax: 300 } }));
    expect(told({ ...fast, maximumRateMlPerH: 200 })).toEqual([
      'above-care-area entries.0.rateLimitsMlPerH.hardMax "a": 300 mL/h, and adult-ward allows at most 200 mL/h',
    ]);
  });

  it.each(['nursery', 'NICU', 'neonatal-ward'])('for newborns (%s) are capped', (careArea) => {
    const caps = { maximumRateMlPerH: 25, maximumKeepVeinOpenMlPerH: 2, airLimitMicroL: 50 };
    const errors = (more: object) =>
      told({ ...PLAIN, careArea, ...more })
        .filter((text) => text.startsWith('nursery-caps'))
        .map((text) => text.split(' ')[1]);
    expect(errors(caps)).toEqual([]);
    expect(errors({})).toEqual(Object.keys(caps));
    expect(errors({ ...caps, maximumRateMlPerH: 25.1 })).toEqual(['maximumRateMlPerH']);
    expect(errors({ ...caps, airLimitMicroL: 75 })).toEqual(['airLimitMicroL']);
    expect(errors({ ...caps, maximumKeepVeinOpenMlPerH: 3 })).toEqual(['maximumKeepVeinOpenMlPerH']);
  });
});

describe('what pumps can do', () => {
  it('is told of limits that no rate reaches', () => {
    expect(toldOf(entry('a', { limits: { hardMax: 95 }, doseUnit: 'ng/h' })).join()).toMatch(
      /^out-of-reach entries\.0\.limits\.hardMax "a": at most 95 ng\/h is 0\.000095 mL\/h/,
    );
    expect(toldOf(entry('a', { limits: { softMin: 100 }, doseUnit: 'mg/kg/min' })).join()).toMatch(
      /^out-of-reach entries\.0\.limits\.softMin "a": at least 100 mg\/kg\/min/,
    );
  });

  it('is told of more set-ups than they hold', () => {
    const other = { amount: 200, amountUnit: 'mg', volumeMl: 100 } as const;
    const entries = Array.from({ length: 5_001 }, (_, index) =>
      entry(`drug ${index}`, { otherConcentrations: [other] }),
    );
    expect(toldOf(...entries)).toEqual([
      'too-many entries 10002 drugs in a concentration, and pumps hold 10000',
    ]);
  });
});

describe('libraries that go out together', () => {
  const between = (...libraries: DrugLibrary[]) =>
    SEVERAL_LIBRARIES.flatMap((rule) => rule(libraries)).map(
      ({ library, remark: { rule, path, message } }) => `${library} ${rule} ${path.join('.')} ${message}`,
    );

  it('are told of limits of one drug that are far off each other, in whatever unit', () => {
    const other = withEntries(
      entry('Propofol', { doseUnit: 'mcg/min', limits: { softMax: 50_000, hardMax: 1_600 } }),
    );
    expect(between(PLAIN, { ...other, careArea: 'adult-icu' })).toEqual([
      '1 care-areas-differ entries.0.limits.softMax "Propofol": 50000 mcg/min, and 50 mg/h in adult-ward: 60 times apart',
    ]);
  });

  it('are told of strengths of one drug that a slip would make', () => {
    const other = withEntries(
      entry('propofol', { concentration: { amount: 100, amountUnit: 'mcg', volumeMl: 100 } }),
    );
    expect(between(PLAIN, other)).toEqual([
      '1 strength-slip entries.0.concentration "propofol": 100 mcg in 100 mL, and 100 mg in 100 mL in adult-ward: 1000 times apart',
    ]);
  });

  it('are told of more profiles than a pump holds', () => {
    const many = Array.from({ length: 31 }, (_, index) => ({ ...PLAIN, careArea: `area-${index}` }));
    expect(between(...many)).toEqual(['30 too-many careArea 31 care areas, and pumps hold 30 profiles']);
    expect(between(...many.slice(1))).toEqual([]);
  });
});
