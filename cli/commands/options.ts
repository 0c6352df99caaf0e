import { InvalidArgumentError } from 'commander';

/** Parses a whole number within a range. */
export function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Parses a factor above 0. */
export function factor(most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!(value > 0 && value <= most))
      throw new InvalidArgumentError(`It is a number above 0, up to ${most}.`);
    return value;
  };
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const LONGEST_MS = 24 * 3_600_000;

/** Parses `20s`, `1.5m` … into milliseconds. */
export function durationMs(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const value = Number(number) * (UNITS_MS[unit] ?? Number.NaN);
  if (!(value >= 0 && value <= LONGEST_MS)) {
    throw new InvalidArgumentError('It is a number with ms, s, m or h, up to 24h, such as 20s.');
  }
  return value;
}
