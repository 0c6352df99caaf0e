import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { PumprangeError, shortText } from '../protocol/index.ts';

/** A document travels in one message; a larger file is none, and is not read. */
const LARGEST_BYTES = 64 * 1024;

/**
 * Reads a file of one schema, JSON in UTF-8.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_DOCUMENT_INVALID`
 */
export function readDocumentFile<S extends z.ZodType>(path: string, schema: S): z.output<S> {
  const invalid = (reason: string): PumprangeError =>
    new PumprangeError('PR_DOCUMENT_INVALID', `${path}: ${shortText(reason)}`);
  let bytes: Buffer;
  try {
    const { size } = statSync(path);
    if (size > LARGEST_BYTES) throw invalid(`${size} bytes are too many, ${LARGEST_BYTES} is the most`);
    bytes = readFileSync(path);
  } catch (cause) {
    if (cause instanceof PumprangeError) throw cause;
    throw new PumprangeError('PR_FILE_UNREADABLE', `${path} cannot be read`, { cause });
  }
  let value: unknown;
  try {
    // An editor's byte order mark says nothing.
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw invalid(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(`${issue?.path.map(String).join('.') || 'document'}: ${issue?.message ?? 'does not fit'}`);
}
