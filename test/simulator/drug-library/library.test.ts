import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PumprangeError } from '../../../protocol/index.ts';
import { parseLibrary, readLibrary } from '../../../simulator/drug-library/index.ts';

const SAMPLES = ['adult-icu', 'adult-ward', 'paediatrics'];
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
    ['something that is not JSON', Buffer.from('{'), /not JSON/],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe]), /not JSON/],
  ])('is refused with %s', (_, bytes, reason) => {
    expect(() => parseLibrary(bytes, 'x.json')).toThrow(PumprangeError);
    expect(() => parseLibrary(bytes, 'x.json')).toThrow(reason);
  });

  it('takes any bytes without an exception', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readLibrary(bytes)));
    fc.assert(fc.property(fc.json(), (text) => void readLibrary(Buffer.from(text))));
  });
});
