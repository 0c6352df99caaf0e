import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLibraryFile, writeCsv } from '../../../pump-server/index.ts';

const SAMPLES = 'simulator/drug-library/samples';
const sample: Record<string, unknown> = JSON.parse(readFileSync(`${SAMPLES}/adult-icu.json`, 'utf8'));

let dir: string;
let path: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-library-'));
  path = join(dir, 'library.json');
});
afterAll(() => rmSync(dir, { recursive: true }));

describe('readLibraryFile', () => {
  it.each(readdirSync(SAMPLES))('reads %s of the house, and releases it in canonical JSON', (name) => {
    const { library, contentBytes } = readLibraryFile(`${SAMPLES}/${name}`);
    expect(`${library.careArea}.json`).toBe(name);
    expect(JSON.parse(contentBytes.toString())).toEqual(
      JSON.parse(readFileSync(`${SAMPLES}/${name}`, 'utf8')),
    );
    expect(contentBytes.toString()).not.toContain('\n');
  });

  it('releases the same bytes from CSV as from JSON, and from JSON that names its schema', () => {
    const { library, contentBytes } = readLibraryFile(`${SAMPLES}/adult-icu.json`);
    const csv = join(dir, 'same.csv');
    writeFileSync(csv, writeCsv(library));
    expect(readLibraryFile(csv).contentBytes.equals(contentBytes)).toBe(true);
    writeFileSync(path, JSON.stringify({ $schema: './x.json', ...library }, null, 4));
    expect(readLibraryFile(path).contentBytes.equals(contentBytes)).toBe(true);
  });

  it.each([
    ['a syntax error', '{\n  "id": "x",\n  nonsense\n}', /library\.json:3:3: error: not JSON/],
    ['an end that is missing', '{\n"id": "x"', /library\.json:2:10: error: the end is missing/],
    ['bytes that are no text', Buffer.from([0x7b, 0x0a, 0xff]), /library\.json:2:1: error: not UTF-8/],
    ['a comment', '{} // x', /library\.json:1:4: error: not JSON/],
    ['a nest', '['.repeat(1_000_000), /library\.json:1:1: error: nested more deeply|the end is missing/],
    ['another banner', { ...sample, banner: 'SAFE' }, /library\.json:1:\d+: error: banner: "SAFE"/],
    ['an unknown member', { ...sample, vrsion: '1.0.0' }, /"vrsion" is not known here; "version"\?/],
    ['a version that is none', { ...sample, version: '1.0' }, /version: "1\.0": not major\.minor\.patch/],
    ['no entries', { ...sample, entries: [] }, /no drugs/],
    ['an entry without a drug', { ...sample, entries: [{ drug: 'a' }, {}] }, /doseUnit is missing/],
    ['a list', [], /library\.json:1:1: error: the library: an empty list/],
  ])('refuses %s and says where', (_what, content, message) => {
    writeFileSync(
      path,
      Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content),
    );
    expect(() => readLibraryFile(path)).toThrow(message);
    expect(() => readLibraryFile(path)).toThrow(expect.objectContaining({ code: 'PR_LIBRARY_INVALID' }));
  });

  it('tells of twenty errors and of how many more', () => {
    const entries = Array.from({ length: 30 }, (_, index) => ({ drug: `drug ${index}` }));
    writeFileSync(path, JSON.stringify({ ...sample, entries }));
    expect(() => readLibraryFile(path)).toThrow(/(?:[^\n]*\n){20}and \d+ more$/);
  });

  it('does not read a huge file', () => {
    for (const name of ['library.json', 'library.csv']) {
      const huge = join(dir, name);
      writeFileSync(huge, '');
      truncateSync(huge, 1024 ** 3);
      expect(() => readLibraryFile(huge)).toThrow(/1073741824 bytes; a library has at most/);
      rmSync(huge);
    }
  });

  it('says of a file that is not there, or is none, that it cannot be read', () => {
    const missing = join(dir, 'missing.json');
    for (const none of [missing, dir, '/dev/zero']) {
      expect(() => readLibraryFile(none)).toThrow(expect.objectContaining({ code: 'PR_FILE_UNREADABLE' }));
    }
  });
});
