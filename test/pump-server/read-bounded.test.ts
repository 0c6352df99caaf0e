import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readBounded } from '../../pump-server/read-bounded.ts';

const BOUND = { what: 'a library', mostBytes: 4, code: 'PR_LIBRARY_INVALID' } as const;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-read-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('reads what is small enough, and refuses what is larger before it reads it', () => {
  const path = join(dir, 'f');
  writeFileSync(path, 'four');
  expect(readBounded(path, BOUND).toString()).toBe('four');
  truncateSync(path, 2 ** 40);
  expect(() => readBounded(path, BOUND)).toThrow(
    expect.objectContaining({
      code: 'PR_LIBRARY_INVALID',
      message: expect.stringContaining(`${2 ** 40} bytes`),
    }),
  );
});

it('refuses what may never end, and what is not there', () => {
  for (const path of ['/dev/zero', dir]) {
    expect(() => readBounded(path, BOUND)).toThrow(
      expect.objectContaining({ code: 'PR_FILE_UNREADABLE', message: `${path}: not a file` }),
    );
  }
  expect(() => readBounded(join(dir, 'none'), BOUND)).toThrow('ENOENT');
});
