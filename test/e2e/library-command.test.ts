import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { pumprange, tempFolder } from '../helpers/command.ts';

const SAMPLES = resolve('simulator/drug-library/samples');
const ICU = join(SAMPLES, 'adult-icu.json');

/** What a document has against a schema that is published. */
function faultsOf(name: string, document: unknown): unknown {
  const schema = JSON.parse(readFileSync(`pump-server/schemas/${name}.schema.json`, 'utf8'));
  const validate = new Ajv2020.default({ allErrors: true, strict: false }).compile(schema);
  return validate(document) ? [] : validate.errors;
}

/** A file in a folder of its own. */
function fileOf(name: string, content: string): string {
  const path = join(tempFolder(), name);
  writeFileSync(path, content);
  return path;
}

describe('library check', () => {
  it('says of each finding where it is and what to do, and of each file what came of it', async () => {
    const { code, stdout, stderr } = await pumprange(['library', 'check', ICU]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^TRAINING, NOT FOR HUMAN USE\n/);
    expect(stdout).toMatch(
      /adult-icu\.json:\d+:\d+: warning: "heparin" is a high-alert drug.*\n {2}Set a hard maximum/,
    );
    expect(stdout).toMatch(
      /adult-icu\.json: adult-icu 1\.0\.0 for adult-icu, 13 drugs: 0 errors, 3 warnings\n$/,
    );
  });

  it('refuses a file with an error, after all that was found', async () => {
    const path = fileOf('x.csv', 'library,x\ndrug,dose unit,hrad max\na,mg/h,1\n');
    const { code, stdout, stderr } = await pumprange(['library', 'check', path]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/x\.csv:2:3 \(C2\): error: no column is called "hrad max"; "hard max"\?/);
    expect(stdout).toMatch(/x\.csv: REFUSED: 1 error, 0 warnings/);
    expect(stderr).toMatch(/^PR_LIBRARY_INVALID: 1 error in .*x\.csv\n/);
  });

  it.each([
    ['sound files', [ICU, join(SAMPLES, 'nursery.json')], 0],
    ['one that is not', ['broken.json'], 2],
  ])('prints one document of %s, after its schema', async (_, files, exit) => {
    const cwd = tempFolder();
    writeFileSync(join(cwd, 'broken.json'), '{ "id": "x" }');
    const { code, stdout } = await pumprange(['library', 'check', ...files, '--json'], { cwd });
    expect(code).toBe(exit);
    const document = JSON.parse(stdout);
    expect(faultsOf('library-check', document)).toEqual([]);
    expect(document).toMatchObject({ version: 1, banner: 'TRAINING, NOT FOR HUMAN USE' });
    expect(document.files).toHaveLength(files.length);
    expect(document.errors > 0).toBe(exit === 2);
  });

  it('obeys nothing that stands in a file', async () => {
    const library = JSON.parse(readFileSync(ICU, 'utf8'));
    library.entries[0].drug = '\u001b[2Jhep\u202earin';
    const { stdout } = await pumprange(['library', 'check', fileOf('x.json', JSON.stringify(library))]);
    expect(stdout).toMatch(/hep\\u\{202e\}arin/);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('\u202e');
  });
});

describe('library diff', () => {
  const loosened = (): string => {
    const library = JSON.parse(readFileSync(ICU, 'utf8'));
    library.entries.find(({ drug }: { drug: string }) => drug === 'propofol').limits.hardMax = 120;
    return fileOf('later.json', JSON.stringify({ ...library, version: '1.1.0', sequence: 2 }));
  };

  it('says what changed in plain words, and marks what was loosened', async () => {
    const { code, stdout, stderr } = await pumprange(['library', 'diff', ICU, loosened()]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        'TRAINING, NOT FOR HUMAN USE',
        'adult-icu 1.0.0 (adult-icu, sequence 1) → adult-icu 1.1.0 (adult-icu, sequence 2)',
        'propofol: hard maximum 95 → 120 mcg/kg/min  LOOSENED',
        '1 change: 1 loosened, 0 tightened, 0 unclear',
        '',
      ].join('\n'),
    );
  });

  it('fails where asked to, and says the same in JSON', async () => {
    const path = loosened();
    const args = ['library', 'diff', ICU, path, '--json', '--fail-on-loosened'];
    const { code, stdout, stderr } = await pumprange(args);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^PR_LIBRARY_LOOSENED: 1 loosened, 0 unclear\n/);
    const document = JSON.parse(stdout);
    expect(faultsOf('library-diff', document)).toEqual([]);
    expect(document).toMatchObject({ loosened: 1, changes: [{ drug: 'propofol', effect: 'loosened' }] });
    const back = await pumprange(['library', 'diff', path, ICU, '--fail-on-loosened']);
    expect(back.code).toBe(0);
  });
});

describe('library convert', () => {
  it('makes a sheet of a library and the library of the sheet, and overwrites only when told to', async () => {
    const cwd = tempFolder();
    const convert = (from: string, to: string, ...more: string[]) =>
      pumprange(['library', 'convert', from, '--out', to, ...more], { cwd });
    expect((await convert(ICU, 'a.csv')).stdout).toMatch(/^TRAINING, NOT FOR HUMAN USE\nwrote a\.csv/);
    expect((await convert('a.csv', 'a.json')).code).toBe(0);
    const made = JSON.parse(readFileSync(join(cwd, 'a.json'), 'utf8'));
    expect(made).toEqual(JSON.parse(readFileSync(ICU, 'utf8')));
    expect(faultsOf('drug-library', made)).toEqual([]);
    expect((await convert(ICU, 'a.csv')).code).toBe(0);
    const other = join(SAMPLES, 'nursery.json');
    expect((await convert(other, 'a.csv')).stderr).toMatch(/^PR_FILE_EXISTS: a\.csv holds something else/);
    expect((await convert(other, 'a.csv', '--overwrite')).code).toBe(0);
    expect((await convert(ICU, 'a.xlsx')).stderr).toMatch(/^PR_USAGE: a\.xlsx/);
  });
});
