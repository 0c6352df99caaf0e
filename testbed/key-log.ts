import { closeSync, fchmodSync, openSync, writeSync } from 'node:fs';
import { PumprangeError } from '../protocol/index.ts';

/** Where the secrets of TLS sessions go, so that their holder can read a capture of them. */
export interface KeyLog {
  readonly path: string;
  readonly append: (line: Buffer) => void;
  close(): void;
}

/**
 * Opens an NSS key log, which whoever reads can read all that the sessions said. A file that is there is appended to, and
 * becomes its owner's alone.
 *
 * @throws PumprangeError `PR_DISK`
 */
export function openKeyLog(path: string): KeyLog {
  let file: number;
  try {
    file = openSync(path, 'a', 0o600);
    fchmodSync(file, 0o600);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PumprangeError('PR_DISK', `the key log that SSLKEYLOGFILE names: ${reason}`, { cause: error });
  }
  let open = true;
  return {
    path,
    append: (line) => {
      try {
        if (open) writeSync(file, line);
      } catch {
        // A session is worth more than the means to read it.
      }
    },
    close: () => {
      if (open) closeSync(file);
      open = false;
    },
  };
}

/** What has to be said, and loudly, where sessions are logged so. */
export function keyLogWarning(path: string): string {
  return `WARNING: SSLKEYLOGFILE is set. The TLS secrets of every session of the broker are appended to ${path}: whoever has that file can read the traffic.`;
}
