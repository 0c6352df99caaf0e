import { mkdirSync } from 'node:fs';
import { PumprangeError } from '../../protocol/index.ts';

/** One change: a value under a key, or `undefined` to take the key away. */
export type Change = readonly [key: string, value: Buffer | undefined];

/** A sorted table of keys on a disk. */
export interface Disk {
  /** All that is there, in the order of the keys. */
  entries(): AsyncIterable<readonly [key: string, value: Buffer]>;
  /** All changes or none. `synced`: it resolves only when they would survive a power cut. */
  write(changes: readonly Change[], synced: boolean): Promise<void>;
  close(): Promise<void>;
}

/**
 * LevelDB in a folder: a log with checksums whose torn end is left out when it is read again, batches that are whole or absent,
 * and compaction. The library is loaded only when a broker keeps something.
 *
 * @throws PumprangeError `PR_DIR_IN_USE`, `PR_DISK`, `PR_STORE_UNREADABLE`
 */
export async function openDisk(folder: string): Promise<Disk> {
  const { ClassicLevel } = await import('classic-level');
  try {
    // What waits for a reader may be about a patient.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const level = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' });
    await level.open();
    return {
      entries: () => level.iterator(),
      write: (changes, synced) =>
        level.batch(
          changes.map(([key, value]) =>
            value === undefined ? { type: 'del', key } : { type: 'put', key, value },
          ),
          { sync: synced },
        ),
      close: () => level.close(),
    };
  } catch (error) {
    throw openingFailure(folder, error);
  }
}

function openingFailure(folder: string, error: unknown): PumprangeError {
  const reason = innermost(error);
  const code = reason instanceof Error && 'code' in reason ? String(reason.code) : '';
  const text = reason instanceof Error ? reason.message : String(reason);
  if (code === 'LEVEL_LOCKED') {
    return new PumprangeError('PR_DIR_IN_USE', `another broker keeps its store in ${folder}`, {
      cause: error,
    });
  }
  const isDamage = code === 'LEVEL_CORRUPTION' || /corrupt/i.test(text);
  return new PumprangeError(isDamage ? 'PR_STORE_UNREADABLE' : 'PR_DISK', `${folder}: ${text}`, {
    cause: error,
  });
}

function innermost(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? innermost(error.cause) : error;
}
