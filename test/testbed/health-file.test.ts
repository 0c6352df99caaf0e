import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keepHealthFile } from '../../testbed/health-file.ts';
import { tempFolder } from '../helpers/command.ts';

test('the file is there as long as the component is well, and gone with it', async () => {
  const file = join(tempFolder(), 'healthy');
  let isWell = false;
  const end = keepHealthFile(file, () => isWell);
  expect(existsSync(file)).toBe(false);
  isWell = true;
  await expect.poll(() => existsSync(file), { timeout: 5_000 }).toBe(true);
  isWell = false;
  await expect.poll(() => existsSync(file), { timeout: 5_000 }).toBe(false);
  isWell = true;
  await expect.poll(() => existsSync(file), { timeout: 5_000 }).toBe(true);
  end();
  expect(existsSync(file)).toBe(false);
});

test('where it cannot be written, that is said', () => {
  const file = join(tempFolder(), 'no-such-folder', 'healthy');
  expect(() => keepHealthFile(file, () => true)).toThrow(expect.objectContaining({ code: 'PR_DISK' }));
});
