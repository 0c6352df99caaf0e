import { dirname } from 'node:path';
import { sync as writeFileAtomicSync } from 'write-file-atomic';
import { makeFolder } from '../pki/index.ts';

/** Writes a file under a temporary name, then renames it: there is the old file or the new one, never half of one. */
export function writeFileWhole(path: string, content: string | Buffer): void {
  makeFolder(dirname(path));
  writeFileAtomicSync(path, content);
}
