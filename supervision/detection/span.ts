import { z } from 'zod';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SPAN = /^([1-9][0-9]{0,8})(ms|s|m|h|d)$/;
const LONGEST_MS = 31 * UNIT_MS.d;

/** A length of time with its unit, such as `90s`; at most 31 days. */
export const spanSchema = z
  .string()
  .refine((text) => {
    const spanMs = parseSpanMs(text);
    return spanMs !== undefined && spanMs <= LONGEST_MS;
  }, 'a time such as 500ms, 90s, 5m, 12h or 7d (31 days at most)')
  .meta({ pattern: SPAN.source, examples: ['90s', '5m', '7d'] });

/** @throws RangeError for a text that `spanSchema` does not take */
export function spanMs(text: string): number {
  const milliseconds = parseSpanMs(text);
  if (milliseconds === undefined) throw new RangeError(`not a time: ${text}`);
  return milliseconds;
}

function parseSpanMs(text: string): number | undefined {
  const [, count, unit] = SPAN.exec(text) ?? [];
  return count === undefined || unit === undefined || !isUnit(unit)
    ? undefined
    : Number(count) * UNIT_MS[unit];
}

function isUnit(text: string): text is keyof typeof UNIT_MS {
  return Object.hasOwn(UNIT_MS, text);
}
