import type { z } from 'zod';

export type ReadJson<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** Reads a JSON file by its schema, or says what is wrong, with the file and the line or the place. Any bytes are fine as input. */
export function readJsonEntry<S extends z.ZodType>(
  name: string,
  bytes: Uint8Array,
  schema: S,
  longestBytes: number,
): ReadJson<z.output<S>> {
  if (bytes.length > longestBytes) {
    return { ok: false, reason: `${name}: ${bytes.length} bytes, ${longestBytes} is the most` };
  }
  let text = '';
  let data: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    data = JSON.parse(text);
  } catch (error) {
    return { ok: false, reason: `${name}:${lineOf(error, text)} no JSON: ${messageOf(error)}` };
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [issue] = parsed.error.issues;
  return { ok: false, reason: `${name}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}` };
}

/** Before the token that it stumbled over the engine shows so many characters, if there are more before them. */
const SHOWN_BEFORE = 10;

/**
 * `12:` or nothing. The engine tells a position, or shows a piece of the text, or says that it ended; for a short text that it shows whole
 * nobody knows.
 */
function lineOf(error: unknown, text: string): string {
  const at = positionOf(messageOf(error), text);
  return at === undefined ? '' : `${text.slice(0, at).split('\n').length}:`;
}

function positionOf(message: string, text: string): number | undefined {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  if (position !== undefined) return Number(position);
  if (message.startsWith('Unexpected end')) return text.length;
  const [, shown] = /, \.\.\."([\s\S]*?)"(?:\.\.\.)? is not valid JSON$/.exec(message) ?? [];
  const at = shown === undefined ? -1 : text.indexOf(shown);
  return at < 0 ? undefined : at + SHOWN_BEFORE;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
