import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PumprangeError } from '../protocol/index.ts';
import type { Credential } from './authority/mint.ts';
import { discardFolder, FOLDER_MODE, makeFolder, onDisk, writeWhole } from './store/files.ts';

const FILES = ['ca.pem', 'key.pem', 'cert.pem'] as const;

/**
 * Looks before a certificate is issued for it whether a folder can take it, so that none is issued in vain.
 * PR_FILE_EXISTS if a file of these names is there, unless `overwrite`; PR_DISK if something else is in the way.
 */
export function checkExport(outDir: string, options: { readonly overwrite?: boolean } = {}): void {
  const target = resolve(outDir);
  makeFolder(existsSync(target) ? target : dirname(target));
  if (options.overwrite === true) return;
  for (const name of FILES) {
    if (existsSync(join(target, name)))
      throw new PumprangeError('PR_FILE_EXISTS', `${join(target, name)} is there already`);
  }
}

/**
 * Writes `cert.pem` (leaf and issuing authority), `key.pem` and `ca.pem` (the root, which suffices where the peer sends
 * its chain) for any TLS client. A new folder appears with all three; in one that is there each file is whole.
 *
 * PR_FILE_EXISTS if a file of these names holds something else, unless `overwrite`; then nothing is written. PR_DISK.
 */
export function exportCredential(
  credential: Credential,
  outDir: string,
  options: { readonly overwrite?: boolean } = {},
): void {
  const target = resolve(outDir);
  const files: [name: (typeof FILES)[number], text: string][] = [
    ['ca.pem', credential.rootPem],
    ['key.pem', credential.privateKeyPem],
    ['cert.pem', credential.chainPem],
  ];
  if (!existsSync(target)) {
    makeFolder(dirname(target));
    const unfinished = join(dirname(target), `.${basename(target)}.new-${randomBytes(6).toString('hex')}`);
    try {
      onDisk(unfinished, () => mkdirSync(unfinished, { mode: FOLDER_MODE }));
      for (const [name, text] of files) writeWhole(join(unfinished, name), text, false);
      onDisk(target, () => renameSync(unfinished, target));
    } catch (error) {
      discardFolder(unfinished);
      throw error;
    }
    return;
  }
  if (options.overwrite !== true) {
    for (const [name, text] of files) refuseOther(join(target, name), text);
  }
  for (const [name, text] of files) writeWhole(join(target, name), text, false);
}

function refuseOther(path: string, text: string): void {
  if (!existsSync(path)) return;
  if (onDisk(path, () => readFileSync(path, 'utf8')) === text) return;
  throw new PumprangeError('PR_FILE_EXISTS', `${path} holds something else`);
}
