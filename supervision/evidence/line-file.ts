import {
  appendFileSync,
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { PumprangeError } from '../../protocol/index.ts';
import type { LineStore } from './line-store.ts';

const NEWLINE = 0x0a;

/** How the file is read and written; a test puts a full disk here. */
export interface FileCalls {
  write(fd: number, bytes: Buffer): number;
}

/** Appends at the end whatever the position; a short write is told by its count. */
const realCalls: FileCalls = { write: (fd, bytes) => writeSync(fd, bytes) };

/**
 * Lines in a file of mode 0600, which is made if it is not there. A last line without an end, as a crash leaves it, is
 * moved to `<path>.torn` before anything is appended. A line that the disk does not take whole is taken back.
 *
 * @throws PumprangeError PR_DISK if the file cannot be opened or its torn end cannot be set aside.
 */
export function openLineFile(path: string, calls: FileCalls = realCalls): LineStore {
  let fd: number | undefined;
  let sizeBytes: number;
  let ending: Ending;
  try {
    fd = openSync(path, 'a+', 0o600);
    sizeBytes = fstatSync(fd).size;
    ending = readEnding(fd, sizeBytes);
    if (ending.torn.length > 0) {
      appendFileSync(`${path}.torn`, Buffer.concat([ending.torn, Buffer.of(NEWLINE)]), { mode: 0o600 });
      sizeBytes -= ending.torn.length;
      ftruncateSync(fd, sizeBytes);
    }
  } catch (cause) {
    if (fd !== undefined) quietly(fd, closeSync);
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
    throw new PumprangeError('PR_DISK', `The log ${path} cannot be opened for writing (${reason}).`, {
      cause,
    });
  }
  const open = { fd, sizeBytes, closed: false };
  return {
    lastLine: ending.lastLine,
    tornBytes: ending.torn.length,
    append(line) {
      if (open.closed) return false;
      const bytes = Buffer.from(`${line}\n`, 'utf8');
      try {
        let written = 0;
        while (written < bytes.length) {
          const count = calls.write(open.fd, bytes.subarray(written));
          if (count <= 0) throw new Error('nothing was written');
          written += count;
        }
        open.sizeBytes += bytes.length;
        return true;
      } catch {
        // A piece of a line would corrupt the next one; cutting off works on a full disk too.
        quietly(open.fd, (one) => ftruncateSync(one, open.sizeBytes));
        return false;
      }
    },
    flush() {
      if (!open.closed) quietly(open.fd, fdatasyncSync);
    },
    close() {
      if (open.closed) return;
      open.closed = true;
      quietly(open.fd, fdatasyncSync);
      quietly(open.fd, closeSync);
    },
  };
}

interface Ending {
  readonly lastLine: string | undefined;
  readonly torn: Buffer;
}

/** The last whole line and what follows it, read backwards in pieces: logs grow large. */
function readEnding(fd: number, sizeBytes: number): Ending {
  let tail = Buffer.alloc(0);
  let fromByte = sizeBytes;
  for (;;) {
    const lastNewline = tail.lastIndexOf(NEWLINE);
    const lineStart = lastNewline > 0 ? tail.lastIndexOf(NEWLINE, lastNewline - 1) : -1;
    if (fromByte === 0 || lineStart >= 0) {
      const line = lastNewline < 0 ? undefined : tail.subarray(lineStart + 1, lastNewline).toString('utf8');
      return { lastLine: line, torn: tail.subarray(lastNewline + 1) };
    }
    const piece = Buffer.alloc(Math.min(64 * 1024, fromByte));
    fromByte -= piece.length;
    const count = readSync(fd, piece, 0, piece.length, fromByte);
    tail = Buffer.concat([piece.subarray(0, count), tail]);
  }
}

function quietly(fd: number, action: (fd: number) => void): void {
  try {
    action(fd);
  } catch {
    // A log that cannot be mended must not stop what it reports on; the caller counts what was lost.
  }
}
