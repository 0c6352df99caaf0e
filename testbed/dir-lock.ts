import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../pki/index.ts';
import { PumprangeError } from '../protocol/index.ts';

/**
 * Takes something in a folder for one process, such as `ward`. A lock that a killed process left is taken over.
 *
 * @returns what gives it back
 * @throws PumprangeError `PR_DIR_IN_USE`, `PR_DISK`
 */
export function lockIn(dir: string, what: string): () => void {
  const path = join(dir, `${what}.lock`);
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      makeFolder(dir);
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error instanceof PumprangeError) throw error;
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') {
        const reason = error instanceof Error ? error.message : String(error);
        throw new PumprangeError('PR_DISK', reason, { cause: error });
      }
      const holder = holderOf(path);
      if (holder !== undefined) {
        throw new PumprangeError('PR_DIR_IN_USE', `process ${holder} has the ${what} of ${dir}`);
      }
      rmSync(path, { force: true });
    }
  }
  throw new PumprangeError('PR_DIR_IN_USE', `another process took ${dir} in the same moment`);
}

/**
 * Reads, changes and writes a file while no other process does: of two at once one is refused, and none is lost.
 *
 * @throws PumprangeError `PR_DIR_IN_USE`, `PR_DISK`, and what the work throws
 */
export async function whileLocked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const unlock = lockIn(dirname(path), basename(path));
  try {
    return await work();
  } finally {
    unlock();
  }
}

/** The process that holds a lock, as long as it lives. */
function holderOf(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // Not ours to signal, but alive.
    return error instanceof Error && 'code' in error && error.code === 'EPERM' ? 0 : undefined;
  }
}
