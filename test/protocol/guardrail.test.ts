import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLoopback, isOurs, isPrivate } from '../../protocol/index.ts';

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

test.each([
  '10.0.0.1',
  '10.18.20.20',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  'fd18:8:20::14',
  'FC00::1',
  '::ffff:10.1.2.3',
])('%s is private', (address) => {
  expect(isPrivate(address)).toBe(true);
  // This process stands in no network of the project.
  expect(isOurs(address)).toBe(false);
});

test.each([
  '127.0.0.1',
  '11.0.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.169.1.1',
  '1.10.0.1',
  'fe80::1',
  'fd18::1%eth0',
  'fd::1',
  '::1',
  '10.1',
  'fd18',
])('%s is not private', (address) => {
  expect(isPrivate(address)).toBe(false);
});
