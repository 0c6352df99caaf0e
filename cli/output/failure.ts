import { ERRORS, PumprangeError } from '../../protocol/index.ts';

/** An error as the command line shows it: code, what happened, the cause, the way out. */
export function failureText(error: unknown): string {
  const known = asPumprangeError(error);
  const { cause, wayOut } = ERRORS[known.code];
  const lines = [`${known.code}: ${known.message}`, `  cause:   ${cause}`, `  way out: ${wayOut}`];
  if (known.code === 'PR_INTERNAL' && known.cause instanceof Error && known.cause.stack !== undefined) {
    lines.push(known.cause.stack);
  }
  return `${lines.join('\n')}\n`;
}

/** Errors of the file system become ours; anything else is a fault of Pumprange itself. */
export function asPumprangeError(error: unknown): PumprangeError {
  if (error instanceof PumprangeError) return error;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (typeof code === 'string' && DISK_CODES.has(code)) {
    return new PumprangeError('PR_DISK', message, { cause: error });
  }
  if (code === 'ENOENT') return new PumprangeError('PR_FILE_UNREADABLE', message, { cause: error });
  return new PumprangeError('PR_INTERNAL', message, { cause: error });
}

const DISK_CODES: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOTDIR',
  'EISDIR',
]);
