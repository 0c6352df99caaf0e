import { describe, expect, it } from 'vitest';
import { entry, found, foundIn, PLAIN, withEntries } from './samples.ts';

describe('a library in JSON', () => {
  it('may be indented, have a byte order mark and name its schema', () => {
    expect(foundIn({ $schema: './x.json', ...PLAIN })).toEqual([]);
    expect(found(`\uFEFF${JSON.stringify(PLAIN)}`, 'x.json')).toEqual([]);
  });

  it('is told from CSV by its first character where its name does not say', () => {
    expect(found(JSON.stringify(PLAIN), 'library')).toEqual([]);
    expect(found('{}', 'x.csv')[0]).toMatch(/^csv-header/);
    expect(found('drug,', 'x.json')[0]).toMatch(/^json-syntax/);
  });

  it('has each member once, at any depth, since programs disagree on which counts', () => {
    const text = JSON.stringify(PLAIN, null, 1).replace('"hardMax": 95', '"hardMax": 95,\n"hardMax": 950');
    const line = text.split('\n').findIndex((one) => one.includes('950')) + 1;
    expect(found(text, 'x.json')).toEqual([
      `json-duplicate-member ${line}:1 "hardMax" is there twice in one object`,
    ]);
  });

  it('has its findings in the lines of what they are about', () => {
    const library = withEntries(
      entry('propofol'),
      entry('Propofol', {
        limits: { softMin: 1, softMax: 9 },
        otherConcentrations: [{ amount: 1000, amountUnit: 'mg', volumeMl: 100 }],
      }),
    );
    const lines = JSON.stringify(library, null, 1).split('\n');
    const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
    const told = foundIn(library).map((text) => text.replace(/:\d+ .*/, ''));
    expect(told).toEqual(
      [
        `same-name ${lineOf('"Propofol"')}`,
        `strength-slip ${lines.findIndex((line, index) => index > lineOf('otherConcentrations') - 1 && line.trim() === '{') + 1}`,
        `no-hard-maximum ${lines.findLastIndex((line) => line.includes('"limits"')) + 1}`,
      ].toSorted((a, b) => Number(a.split(' ')[1]) - Number(b.split(' ')[1])),
    );
  });

  it('has what else is wrong told beside an entry that does not follow the schema, in its own line', () => {
    const library = {
      ...PLAIN,
      entries: [{ drug: 'broken' }, entry('heparin', { limits: { softMax: 9 } }), entry('Heparin')],
    };
    const rules = foundIn(library).map((text) => text.split(' ')[0]);
    expect(rules).toEqual(['schema', 'schema', 'no-hard-maximum', 'same-name']);
    const lines = JSON.stringify(library, null, 1).split('\n');
    const lineOf = (text: string): number => lines.findIndex((line) => line.includes(text)) + 1;
    expect(foundIn(library).at(-1)).toMatch(
      new RegExp(
        `^same-name ${lineOf('"Heparin"')}:\\d+ "Heparin" reads as "heparin" in line ${lineOf('"heparin"')}$`,
      ),
    );
  });

  it('is refused with any number of findings, within a moment', () => {
    const entries = Array.from({ length: 10_000 }, (_, index) => ({ drug: `d ${index}` }));
    expect(foundIn({ ...PLAIN, entries }).length).toBeGreaterThan(10_000);
    expect(foundIn({ ...PLAIN, entries: [...entries, {}] })[0]).toMatch(/^(?:too-many|schema)/);
  }, 60_000);
});
