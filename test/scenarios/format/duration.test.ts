import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDurationMs } from '../../../scenarios/index.ts';

it.each([
  ['0s', 0],
  ['500ms', 500],
  ['90s', 90_000],
  ['20m', 1_200_000],
  ['1h30m', 5_400_000],
  ['1d2h3m4s5ms', 93_784_005],
])('reads %s', (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected);
});

it.each(['', '5', 'm', '1.5h', '-1s', '1m1h', '5 m', '20M', '32d', '1m1m', '99999999999999999999d'])(
  'refuses "%s"',
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  },
);

it('never gives anything but a whole number of milliseconds up to 31 days', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9dhms]{0,12}$/), (text) => {
      const found = parseDurationMs(text);
      expect(found === undefined || (Number.isInteger(found) && found >= 0 && found <= 31 * 86_400_000)).toBe(
        true,
      );
    }),
  );
});
