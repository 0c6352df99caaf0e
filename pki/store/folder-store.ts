import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PumprangeError } from '../../protocol/index.ts';
import {
  createEmpty,
  discardFolder,
  FOLDER_MODE,
  makeFolder,
  onDisk,
  syncFolderOf,
  systemCode,
  writeWhole,
} from './files.ts';
import type { Store } from './store.ts';

/** A folder that is being made has this prefix; one that stays behind belongs to a process that died. */
const UNFINISHED = '.new-';

/** The documents of a PKI as files in a folder, which need not be there yet. */
export function folderStore(dir: string): Store {
  const root = resolve(dir);
  const pathOf = (name: string): string => join(root, name);
  return {
    where: pathOf,
    top: () => entries(root).filter((name) => !name.startsWith(UNFINISHED)),
    list: (folder) => entries(pathOf(folder)),
    read: (name) => readWhole(pathOf(name)),
    write: (name, text, durable) => {
      const path = pathOf(name);
      makeFolder(join(path, '..'));
      writeWhole(path, text, durable);
    },
    claim: (name) => {
      const path = pathOf(name);
      makeFolder(join(path, '..'));
      return createEmpty(path);
    },
    createFolder: (folder, files) => createFolder(root, folder, files),
    within: (folder) => folderStore(pathOf(folder)),
  };
}

/** Files are written into a folder with a temporary name, which is then renamed into place: all or nothing. */
function createFolder(root: string, folder: string, files: ReadonlyMap<string, string>): boolean {
  const target = join(root, folder);
  if (existsSync(target)) return false;
  const unfinished = join(root, `${UNFINISHED}${process.pid}-${randomBytes(6).toString('hex')}`);
  makeFolder(root);
  onDisk(root, () => chmodSync(root, FOLDER_MODE));
  try {
    onDisk(unfinished, () => mkdirSync(unfinished, { mode: FOLDER_MODE }));
    for (const [name, text] of files) writeWhole(join(unfinished, name), text, true);
    // Onto a folder with files in it, a rename fails: whoever is first wins, and nothing is ever mixed.
    onDisk(target, () => renameSync(unfinished, target));
  } catch (error) {
    discardFolder(unfinished);
    // The winner may also have swept this one away in the middle of it.
    if (existsSync(target)) return false;
    throw error;
  }
  syncFolderOf(target);
  sweep(root);
  return true;
}

/**
 * Takes away what processes left that died, or lost, while they made a folder. Keys are among it. One that is still at
 * it finds its files gone or the place taken, discards the rest and takes what is there.
 */
function sweep(root: string): void {
  for (const name of entries(root)) {
    if (name.startsWith(UNFINISHED)) discardFolder(join(root, name));
  }
}

function entries(path: string): string[] {
  return reading(path, () => readdirSync(path).sort()) ?? [];
}

function readWhole(path: string): string | undefined {
  return reading(path, () => readFileSync(path, 'utf8'));
}

function reading<T>(path: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return undefined;
    throw new PumprangeError('PR_PKI_UNREADABLE', `${path} cannot be read (${code ?? String(error)})`, {
      cause: error,
    });
  }
}
