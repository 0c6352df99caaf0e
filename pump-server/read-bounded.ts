import { readFileSync, statSync } from 'node:fs';
import { type ErrorCode, PumprangeError } from '../protocol/index.ts';

/**
 * Reads a file that somebody named, after a look at what it is: it may be a disk image, or a device or pipe that never ends.
 *
 * @param bound how large `what` may be, and the code for a larger one
 * @throws PumprangeError `PR_FILE_UNREADABLE`, or that code
 */
export function readBounded(
  path: string,
  bound: { readonly what: string; readonly mostBytes: number; readonly code: ErrorCode },
): Buffer {
  const { what, mostBytes, code } = bound;
  try {
    const stats = statSync(path);
    if (!stats.isFile()) throw new PumprangeError('PR_FILE_UNREADABLE', `${path}: not a file`);
    if (stats.size > mostBytes) {
      throw new PumprangeError(code, `${path}: ${stats.size} bytes; ${what} has at most ${mostBytes}`);
    }
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof PumprangeError) throw cause;
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new PumprangeError('PR_FILE_UNREADABLE', `${path} cannot be read (${reason})`, { cause });
  }
}
