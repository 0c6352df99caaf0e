import { describe, expect, test } from 'vitest';
import { addressesOf, parseStanding, speakingTo } from '../../testbed/standing-places.ts';

test.each([
  ['10.18.26.10', [['10.18.26.10']]],
  ['10.18.26.10,fd18:8:26::a', [['10.18.26.10', 'fd18:8:26::a']]],
  ['fd18:8:26::a,10.18.26.10', [['10.18.26.10', 'fd18:8:26::a']]],
  ['10.18.20.20,10.18.20.30', [['10.18.20.20'], ['10.18.20.30']]],
  ['10.18.20.254+2', [['10.18.20.254'], ['10.18.20.255']]],
  [
    '10.18.20.20+2,fd18:8:20::f+2',
    [
      ['10.18.20.20', 'fd18:8:20::f'],
      ['10.18.20.21', 'fd18:8:20::10'],
    ],
  ],
  ['fd18:8:20::+2', [['fd18:8:20::'], ['fd18:8:20::1']]],
])('%s', (text, places) => {
  expect(parseStanding(text).places.map(addressesOf)).toEqual(places);
});

describe('what cannot be read is refused', () => {
  test.each([
    '',
    'broker',
    '10.18.20.20+',
    '10.18.20.20+0',
    '10.18.20.20+1+1',
    '10.18.20.255+2',
    'fd18::ffff+2',
    '10.18.20.20+2,fd18:8:20::14',
    'fe80::1%eth0',
    '10.18.20.20,',
    '10.18.20.0/24',
  ])('%j', (text) => {
    expect(() => parseStanding(text)).toThrow(expect.objectContaining({ code: 'PR_USAGE' }));
  });
});

test('somebody speaks from the address of the version that the other has', () => {
  const place = { ipv4: '10.18.20.20', ipv6: 'fd18:8:20::14' };
  expect(speakingTo(place, '10.18.26.10')).toBe('10.18.20.20');
  expect(speakingTo(place, 'fd18:8:26::a')).toBe('fd18:8:20::14');
  expect(speakingTo({ ipv4: '10.18.20.20' }, 'fd18:8:26::a')).toBeUndefined();
});
