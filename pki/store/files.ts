import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { PumprangeError } from '../../protocol/index.ts';

/** Only their owner reads what a PKI writes. */
export const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Writes under a temporary name and renames: the file is the old one or the new one. Throws PR_DISK. */
export function writeWhole(path: string, text: string, durable: boolean): void {
  onDisk(path, () => writeFileAtomic.sync(path, text, { mode: FILE_MODE, fsync: durable }));
}

/** Throws PR_DISK. */
export function makeFolder(path: string): void {
  onDisk(path, () => mkdirSync(path, { recursive: true, mode: FOLDER_MODE }));
}

/** After a rename, so that it survives a power cut too. Not every system lets folders be synchronised. */
export function syncFolderOf(path: string): void {
  try {
    const folder = openSync(dirname(path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // The rename itself is done.
  }
}

/** Does something to the disk and turns what the system says into PR_DISK. */
export function onDisk<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new PumprangeError('PR_DISK', `${path}: ${systemCode(error) ?? String(error)}`, { cause: error });
  }
}

/** `ENOENT`, `ENOSPC`, … */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
