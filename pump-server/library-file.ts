import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { PumprangeError } from '../protocol/index.ts';

/** Larger than any library, small enough to read at once. */
const LARGEST_FILE_BYTES = 16 * 1024 * 1024;

/**
 * What the server needs to know of a drug library; drugs and limits are judged by whoever uses them. Unknown members at the
 * top are refused, so that a misspelt one does not go out.
 */
const librarySchema = z.strictObject({
  $schema: z.string().optional(),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'not major.minor.patch'),
  sequence: z.int().positive(),
  careArea: z.string().min(1).max(64),
  status: z.enum(['draft', 'approved', 'released']),
  banner: z.literal('TRAINING, NOT FOR HUMAN USE'),
  maximumRateMlPerH: z.number().positive().optional(),
  maximumKeepVeinOpenMlPerH: z.number().nonnegative().optional(),
  airLimitMicroL: z.number().positive().optional(),
  weightLimitsKg: z.looseObject({}).optional(),
  entries: z
    .array(z.looseObject({ drug: z.string().min(1) }))
    .min(1)
    .max(10_000),
});

/** A library as it is on disk, and what it says of itself. */
export interface LibraryFile {
  readonly library: Readonly<z.infer<typeof librarySchema>>;
  /** The very bytes, which are what is signed and released. */
  readonly contentBytes: Buffer;
}

/**
 * Reads a drug library.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`; `PR_LIBRARY_INVALID` with the place: a line and column, or a member
 */
export function readLibraryFile(path: string): LibraryFile {
  const contentBytes = readBytes(path);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(contentBytes);
  } catch {
    throw invalid(path, 'not UTF-8');
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw invalid(`${path}${placeOf(error, text)}`, 'not JSON');
  }
  const parsed = librarySchema.safeParse(data);
  if (parsed.success) return { library: parsed.data, contentBytes };
  const issue = parsed.error.issues[0];
  throw invalid(path, `${issue?.path.join('.') || 'library'}: ${issue?.message ?? 'does not fit'}`);
}

function readBytes(path: string): Buffer {
  try {
    const { size } = statSync(path);
    if (size > LARGEST_FILE_BYTES) {
      throw invalid(path, `${size} bytes; a library has at most ${LARGEST_FILE_BYTES}`);
    }
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof PumprangeError) throw cause;
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new PumprangeError('PR_FILE_UNREADABLE', `${path}: ${reason}`, { cause });
  }
}

/** `:line:column`, from the position that V8 gives; the end of the text where it gives none. */
function placeOf(error: unknown, text: string): string {
  const position = /at position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
  const before = text.slice(0, position === undefined ? text.length : Number(position)).split('\n');
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function invalid(place: string, reason: string): PumprangeError {
  return new PumprangeError('PR_LIBRARY_INVALID', `${place}: ${reason}`);
}
