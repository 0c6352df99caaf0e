import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concentrationsOf,
  entryOf,
  parseLibrary,
  readLibrary,
} from '../../../protocol/drug-library/index.ts';
import { PumprangeError } from '../../../protocol/index.ts';

const SAMPLES = ['adult-icu', 'adult-ward', 'nursery', 'paediatrics'];
const sampleBytes = (name: string): Buffer => readFileSync(`simulator/drug-library/samples/${name}.json`);

function changed(
  change: (library: Record<string, never> & { entries: Record<string, unknown>[] }) => void,
): Buffer {
  const library = JSON.parse(sampleBytes('adult-icu').toString('utf8'));
  change(library);
  return Buffer.from(JSON.stringify(library));
}

describe('a drug library', () => {
  it.each(SAMPLES)('is there for %s, with a dozen drugs and the banner', (name) => {
    const library = parseLibrary(sampleBytes(name), name);
    expect(library.careArea).toBe(name);
    expect(library.entries.length).toBeGreaterThanOrEqual(12);
    expect(library.banner).toBe('TRAINING, NOT FOR HUMAN USE');
  });

  it.each([
    ['an unknown key', changed((l) => Object.assign(l, { colour: 1 })), /colour/],
    ['another banner', changed((l) => Object.assign(l, { banner: 'FOR USE' })), /banner/],
    [
      'limits out of order',
      changed((l) => Object.assign(l.entries[0]!, { limits: { softMin: 9, softMax: 1 } })),
      /entries\.0\.limits.*order/,
    ],
    [
      'a dose unit that does not fit',
      changed((l) => Object.assign(l.entries[0]!, { doseUnit: 'mg/h' })),
      /entries\.0.*fit/,
    ],
    [
      'a dose unit that is none',
      changed((l) => Object.assign(l.entries[0]!, { doseUnit: 'mg' })),
      /doseUnit/,
    ],
    ['a drug that is there twice', changed((l) => l.entries.push(l.entries[0]!)), /twice/],
    [
      'an entry without limits',
      changed((l) => {
        delete l.entries[0]!.limits;
        delete l.entries[0]!.rateLimitsMlPerH;
      }),
      /no limits/,
    ],
    [
      'an entry whose limits have no bound',
      changed((l) => {
        l.entries[0]!.limits = {};
        l.entries[0]!.rateLimitsMlPerH = {};
      }),
      /entries\.0: no limits/,
    ],
    [
      'an entry whose only limits have no bound',
      changed((l) => {
        l.entries[0]!.limits = {};
        delete l.entries[0]!.rateLimitsMlPerH;
      }),
      /entries\.0: no limits/,
    ],
    [
      'a bolus by something that is no amount',
      changed((l) => Object.assign(l.entries[0]!, { bolusLimits: { unit: 'units/h', limits: {} } })),
      /entries\.0\.bolusLimits\.unit: not an amount/,
    ],
    [
      'a bolus by an amount of another family',
      changed((l) => Object.assign(l.entries[0]!, { bolusLimits: { unit: 'mg/kg', limits: {} } })),
      /entries\.0: the unit of the bolus .* do not fit/,
    ],
    [
      'a button by an amount of another family',
      changed((l) => Object.assign(l.entries[0]!, { pca: { amountUnit: 'mg' } })),
      /entries\.0: the unit of the bolus or of PCA .* do not fit/,
    ],
    [
      'another concentration that does not fit',
      changed((l) =>
        Object.assign(l.entries[0]!, {
          otherConcentrations: [{ amount: 1, amountUnit: 'mg', volumeMl: 1 }],
        }),
      ),
      /entries\.0: dose unit and concentration do not fit/,
    ],
    [
      'the usual concentration again, written differently',
      changed((l) =>
        Object.assign(l.entries[0]!, {
          otherConcentrations: [{ amount: 50_000, amountUnit: 'units', volumeMl: 1_000 }],
        }),
      ),
      /entries\.0: a concentration is there twice/,
    ],
    [
      'limits of a time that are out of order',
      changed((l) => Object.assign(l.entries[0]!, { durationLimitsMinutes: { hardMin: 45, softMin: 25 } })),
      /entries\.0\.durationLimitsMinutes.*order/,
    ],
    [
      'an air limit that no pump can hold',
      changed((l) => Object.assign(l, { airLimitMicroL: 10 })),
      /airLimit/,
    ],
    ['something that is not JSON', Buffer.from('{'), /not JSON/],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe]), /not JSON/],
  ])('is refused with %s', (_, bytes, reason) => {
    expect(() => parseLibrary(bytes, 'x.json')).toThrow(PumprangeError);
    expect(() => parseLibrary(bytes, 'x.json')).toThrow(reason);
  });

  it.each([
    ['an escape sequence', '\u001b[2J'],
    ['a line break', 'heparin\nsodium'],
    ['a change of the direction of writing', '\u202eniraper'],
    ['an isolate', '\u2066heparin\u2069'],
    ['a character of no width', 'hepa\u200brin'],
    ['a filler that is not seen', 'heparin\u3164'],
    ['a variation that is not seen', 'heparin\ufe0f'],
    ['half a character', 'heparin\ud800'],
    ['a private character', 'heparin\ue000'],
    ['a blank of another kind', 'sodium\u00a0chloride'],
    ['two blanks', 'sodium  chloride'],
    ['a blank before it', ' heparin'],
    ['a blank behind it', 'heparin '],
    ['nothing but a blank', ' '],
  ])('is refused where the name of a drug has %s', (_, drug) => {
    const read = readLibrary(changed((l) => Object.assign(l.entries[0]!, { drug })));
    expect(read).toMatchObject({ library: null, reason: expect.stringMatching(/^entries\.0\.drug: /) });
  });

  it.each(['heparin', 'dextrose-saline 4%', 'Épinéphrine (1:10 000) 5 µg/mL', 'ヘパリン', '5% β-blocker'])(
    'takes %s for the name of a drug',
    (drug) => {
      const read = readLibrary(changed((l) => Object.assign(l.entries[0]!, { drug })));
      expect(read.library?.entries[0]?.drug).toBe(drug);
    },
  );

  it.each([
    ['limits of the dose', { limits: { softMax: 5 }, rateLimitsMlPerH: {} }],
    ['limits of the rate', { limits: {}, rateLimitsMlPerH: { hardMin: 0 } }],
  ])('is content with one bound in the %s', (_, limits) => {
    const read = readLibrary(changed((l) => Object.assign(l.entries[0]!, limits)));
    expect(read).toMatchObject({ library: expect.anything() });
  });

  it('as it was before there was more to say is still one', () => {
    const bytes = changed((l) => {
      delete l['weightLimitsKg'];
      delete l['maximumKeepVeinOpenMlPerH'];
      const known = ['drug', 'concentration', 'doseUnit', 'limits', 'rateLimitsMlPerH', 'bolusMaxMl'];
      for (const entry of l.entries)
        for (const key of Object.keys(entry)) if (!known.includes(key)) delete entry[key];
    });
    expect(parseLibrary(bytes, 'old.json').entries).toHaveLength(13);
  });

  it('has several concentrations of a drug, the usual one first', () => {
    const library = parseLibrary(sampleBytes('adult-icu'), 'adult-icu');
    const amounts = concentrationsOf(entryOf(library, 'norepinephrine')!).map(({ amount }) => amount);
    expect(amounts).toEqual([4, 8, 16]);
    expect(concentrationsOf(entryOf(library, 'fentanyl')!)).toHaveLength(1);
  });

  it('of the nursery is as strict as a nursery', () => {
    expect(parseLibrary(sampleBytes('nursery'), 'nursery')).toMatchObject({
      maximumRateMlPerH: 25,
      maximumKeepVeinOpenMlPerH: 2,
      airLimitMicroL: 50,
    });
  });

  it('is refused in few words, however long the key that it should not have', () => {
    const read = readLibrary(changed((l) => Object.assign(l, { ['k'.repeat(2_000_000)]: 1 })));
    expect(read).toMatchObject({
      library: null,
      reason: expect.stringMatching(/^library: Unrecognized key/),
    });
    expect(read).toHaveProperty('reason.length', 200);
  });

  it('takes any bytes without an exception', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readLibrary(bytes)));
    fc.assert(fc.property(fc.json(), (text) => void readLibrary(Buffer.from(text))));
  });
});
