import { z } from 'zod';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Largest unit first, each at most once: `90s`, `20m`, `1h30m`, `500ms`. */
const DURATION = /^(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** Longer rehearsals than this are refused as slips of the pen. */
export const LONGEST_DURATION_MS = 31 * UNIT_MS.d;

/** @returns milliseconds, or `undefined` if the text is no duration or longer than 31 days. */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const [, days, hours, minutes, seconds, milliseconds] = match;
  const totalMs =
    Number(days ?? 0) * UNIT_MS.d +
    Number(hours ?? 0) * UNIT_MS.h +
    Number(minutes ?? 0) * UNIT_MS.m +
    Number(seconds ?? 0) * UNIT_MS.s +
    Number(milliseconds ?? 0);
  return totalMs <= LONGEST_DURATION_MS ? totalMs : undefined;
}

/**
 * Milliseconds of a duration that its schema has accepted.
 * @throws RangeError for any other text.
 */
export function durationMs(duration: string): number {
  const milliseconds = parseDurationMs(duration);
  if (milliseconds === undefined) throw new RangeError(`not a duration: ${duration}`);
  return milliseconds;
}

/** Text with units, kept as written; `durationMs` turns it into a number. */
export const durationSchema = z
  .string()
  .refine(
    (text) => parseDurationMs(text) !== undefined,
    'a duration such as 90s, 20m, 1h30m (31 days at most)',
  )
  .meta({ pattern: DURATION.source, examples: ['90s', '20m', '1h30m'] });
