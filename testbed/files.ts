import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { sync as writeFileAtomicSync } from 'write-file-atomic';

/** Writes a file under a temporary name, then renames it: there is the old file or the new one, never half of one. */
export function writeFileWhole(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileAtomicSync(path, content);
}
