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

/** The engine tells a position in words of its own, and not always. */
function lineOf(error: unknown, text: string): string {
  const [, position] = /at position (\d+)/.exec(messageOf(error)) ?? [];
  return position === undefined ? '' : `${text.slice(0, Number(position)).split('\n').length}:`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
