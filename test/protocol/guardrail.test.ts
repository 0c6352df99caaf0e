import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLoopback } from '../../protocol/index.ts';

test.each([
  'localhost',
  '127.0.0.1',
  '127.20.3.4',
  '127.255.255.255',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::ffff:127.0.0.1',
  '::FFFF:127.9.9.9',
])('%s is loopback', (address) => {
  expect(isLoopback(address)).toBe(true);
});

test.each([
  '',
  '0.0.0.0',
  '::',
  '::2',
  '::1:1',
  '1::1',
  'fe80::1',
  '10.0.0.1',
  '128.0.0.1',
  '27.0.0.1',
  '127.0.0.1.example.org',
  '127.1',
  '127.0.0.1:1883',
  '127.0.0.256',
  '0x7f.0.0.1',
  '::ffff:10.0.0.1',
  'localhost.example.org',
  'LOCALHOST.',
  '::1%eth0',
  '1',
  ' 127.0.0.1',
  '127.0.0.1\n',
])('%j is not', (address) => {
  expect(isLoopback(address)).toBe(false);
});

test('of all IPv4 addresses those of 127/8 are', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(isLoopback(address)).toBe(address.startsWith('127.'));
    }),
  );
});

test('of all IPv6 addresses ::1 alone is', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      if (isLoopback(address)) expect(address).toMatch(/^(?:[0:]*:0*1|::ffff:127\.[0-9.]+)$/i);
    }),
    { numRuns: 1_000 },
  );
});
