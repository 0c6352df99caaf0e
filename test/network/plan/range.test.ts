import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressNumber, addressText, overlap, parseRange, within } from '../../../network/plan/range.ts';

test('an address is its number, and back', () => {
  fc.assert(fc.property(fc.ipV4(), (address) => addressText(addressNumber(address) ?? -1) === address));
});

test('a mapped address is the same one, and what is none is none', () => {
  expect(addressNumber('::ffff:127.20.0.1')).toBe(addressNumber('127.20.0.1'));
  for (const text of ['', '127.0.0', '127.0.0.256', '::1', 'localhost', '127.0.0.1 ']) {
    expect(addressNumber(text)).toBeUndefined();
  }
});

test('a block begins at its own first address', () => {
  expect(parseRange('127.20.0.0/16')).toEqual({
    first: addressNumber('127.20.0.0'),
    last: addressNumber('127.20.255.255'),
  });
  expect(parseRange('0.0.0.0/0')).toEqual({ first: 0, last: 2 ** 32 - 1 });
  for (const text of ['127.20.0.1/16', '127.20.0.0', '127.20.0.0/33', '127.20.0.0/-1', '127.20.0.0/16/2']) {
    expect(parseRange(text)).toBeUndefined();
  }
});

test('its ends are in it, their neighbours are not', () => {
  const range = { first: 16, last: 31 };
  expect([15, 16, 31, 32].map((number) => within(range, number))).toEqual([false, true, true, false]);
  expect(overlap(range, { first: 31, last: 40 })).toBe(true);
  expect(overlap(range, { first: 32, last: 40 })).toBe(false);
});
