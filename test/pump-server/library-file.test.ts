import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLibraryFile } from '../../pump-server/index.ts';

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
  it.each(readdirSync(SAMPLES))('reads %s of the house, byte for byte', (name) => {
    const { library, contentBytes } = readLibraryFile(`${SAMPLES}/${name}`);
    expect(`${library.careArea}.json`).toBe(name);
    expect(contentBytes.equals(readFileSync(`${SAMPLES}/${name}`))).toBe(true);
  });

  it.each([
    ['a syntax error', '{\n  "id": "x",\n  nonsense\n}', /library\.json:3:3: not JSON/],
    ['an end that is missing', '{\n"id": "x"', /library\.json:2:10: not JSON/],
    ['bytes that are no text', Buffer.from([0x7b, 0xff]), /library\.json: not UTF-8/],
    ['another banner', { ...sample, banner: 'SAFE' }, /library\.json: banner: /],
    ['an unknown member', { ...sample, vrsion: '1.0.0' }, /vrsion/],
    ['a version that is none', { ...sample, version: '1.0' }, /version: not major\.minor\.patch/],
    ['no entries', { ...sample, entries: [] }, /entries: /],
    ['an entry without a drug', { ...sample, entries: [{ drug: 'a' }, {}] }, /entries\.1\.drug: /],
    ['a list', [], /library\.json: library: /],
  ])('refuses %s and says where', (_what, content, message) => {
    writeFileSync(
      path,
      Buffer.isBuffer(content) || typeof content === 'string' ? content : JSON.stringify(content),
    );
    expect(() => readLibraryFile(path)).toThrow(message);
    expect(() => readLibraryFile(path)).toThrow(expect.objectContaining({ code: 'PR_LIBRARY_INVALID' }));
  });

  it('does not read a huge file', () => {
    writeFileSync(path, '');
    truncateSync(path, 1024 ** 3);
    expect(() => readLibraryFile(path)).toThrow(/1073741824 bytes; a library has at most/);
  });

  it('says of a file that is not there that it cannot be read', () => {
    const missing = join(dir, 'missing.json');
    expect(() => readLibraryFile(missing)).toThrow(expect.objectContaining({ code: 'PR_FILE_UNREADABLE' }));
    expect(() => readLibraryFile(dir)).toThrow(expect.objectContaining({ code: 'PR_FILE_UNREADABLE' }));
  });
});
