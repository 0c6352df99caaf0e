import type { z } from 'zod';
import { shortText } from '../short-text.ts';

export type Parsed<T> =
  | { readonly ok: true; readonly message: T }
  | { readonly ok: false; readonly reason: string };

/** The longest JSON message that anybody takes, in bytes. */
export const LARGEST_MESSAGE_BYTES = 64 * 1024;

/** Reads a message of one schema from any bytes. What is wrong with it is a value, and short: it goes into logs and evidence. */
export function parseMessage<S extends z.ZodType>(schema: S, bytes: Uint8Array): Parsed<z.output<S>> {
  if (bytes.length > LARGEST_MESSAGE_BYTES)
    return { ok: false, reason: `${bytes.length} bytes are too many` };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { ok: false, reason: 'not JSON in UTF-8' };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, message: parsed.data };
  const issue = parsed.error.issues[0];
  const reason = `${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'does not fit'}`;
  return { ok: false, reason: shortText(reason) };
}
