import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { PumprangeError } from '../../protocol/index.ts';

/** Only their owner reads what a PKI writes. */
export const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Writes under a temporary name and renames: the file is the old one or the new one. Throws PR_DISK. */
export function writeWhole(path: string, content: string | Uint8Array, durable: boolean): void {
  onDisk(path, () => writeFileAtomic.sync(path, bytesOrText(content), { mode: FILE_MODE, fsync: durable }));
}

/** @returns false if it is there already. Throws PR_DISK. */
export function createEmpty(path: string): boolean {
  return onDisk(path, () => {
    try {
      closeSync(openSync(path, 'wx', FILE_MODE));
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

function bytesOrText(content: string | Uint8Array): string | Buffer {
  return typeof content === 'string' ? content : Buffer.from(content);
}

/**
 * Makes a folder and those above it that are missing. Throws PR_DISK. Not by `recursive: true`: where a folder is there
 * but takes no new one and says ENOENT, as /proc does, Node 20 tries for ever.
 */
export function makeFolder(path: string): void {
  onDisk(path, () => makeMissing(resolve(path)));
}

function makeMissing(path: string): void {
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeMissing(parent);
  try {
    mkdirSync(path, { mode: FOLDER_MODE });
  } catch (error) {
    // Another process may have made it just now.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Takes a folder away as far as possible; what another process is still writing into it stays. */
export function discardFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Whoever is writing there discards it in turn.
  }
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
    if (error instanceof PumprangeError) throw error;
    throw new PumprangeError('PR_DISK', `${path}: ${systemCode(error) ?? String(error)}`, { cause: error });
  }
}

/** `ENOENT`, `ENOSPC`, … */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
