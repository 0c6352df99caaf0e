import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../../protocol/index.ts';
import { writeCsv } from '../../../../pump-server/index.ts';
import { examineLibraries } from '../../../../pump-server/library/examine.ts';
import { anyLibrary } from '../any-library.ts';
import { SAMPLES, sample } from '../samples.ts';

const examine = (csv: string) => examineLibraries([{ file: 'x.csv', bytes: Buffer.from(csv) }])[0]!;

/** What a spreadsheet of a country with decimal commas writes. */
function european(csv: string): string {
  const rows = csv.split('\r\n').map((line) =>
    line
      .split(',')
      .map((cell) => (/^\d*\.?\d+(?:e[+-]?\d+)?$/.test(cell) ? cell.replace('.', ',') : cell))
      .join(';'),
  );
  return `\uFEFF${rows.join('\r\n')}`;
}

describe('a library as CSV', () => {
  it('is read back as the same library, or refused for the names in it', () => {
    fc.assert(
      fc.property(anyLibrary, (library) => {
        const { library: read, findings } = examine(writeCsv(library));
        const names = ['same-name', 'mixed-letters', 'formula-name', 'csv-formula'];
        const errors = findings.filter(({ severity }) => severity === 'error');
        fc.pre(errors.every(({ rule }) => !names.includes(rule)));
        expect(errors).toEqual([]);
        expect(canonicalBytes(read).equals(canonicalBytes(library))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each(SAMPLES)(
    'is that of %s with semicolons, decimal commas, a byte order mark and other ends of lines',
    (name) => {
      const library = sample(name);
      const csv = writeCsv(library).replace('"TRAINING, NOT FOR HUMAN USE"', '\u0000');
      const quoted = '"TRAINING, NOT FOR HUMAN USE"';
      for (const text of [csv, csv.replaceAll('\r\n', '\n'), csv.replaceAll('\r\n', '\r'), european(csv)]) {
        const read = examine(text.replace('\u0000', quoted));
        expect(read.library).toEqual(library);
      }
    },
  );

  it('begins with the banner', () => {
    expect(writeCsv(sample('nursery'))).toMatch(/^banner,"TRAINING, NOT FOR HUMAN USE"\r\n/);
  });
});
