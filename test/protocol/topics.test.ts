import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  chunksFor,
  EVERY_ARTIFACT_REQUEST,
  everyPump,
  filterMatches,
  PUMP_TOPICS,
  parseTopic,
  pumpTopic,
  topicName,
} from '../../protocol/index.ts';
import { anySerial, anyTopic } from './arbitraries.ts';

const DIGEST = 'ab'.repeat(32);

describe('a topic', () => {
  test('comes back from its name', () => {
    fc.assert(
      fc.property(anyTopic, (topic) => {
        expect(parseTopic(topicName(topic))).toEqual(topic);
      }),
    );
  });

  test('whatever is taken for one of ours is the name of what was read from it', () => {
    const level = fc.oneof(
      fc.constantFrom(
        'pumps',
        'ceilings',
        'libraries',
        'configurations',
        'firmware',
        'artifacts',
        'release',
        'request',
        'chunk',
        'status',
        '0',
        '01',
      ),
      fc.constantFrom('', '+', '#', DIGEST, 'LVP-0001'),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(level, { maxLength: 6 }), (levels) => {
        const name = levels.join('/');
        const topic = parseTopic(name);
        if (topic !== undefined) expect(topicName(topic)).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    'pumps/LVP-0001',
    'pumps/LVP-0001/status/x',
    'pumps/LVP-0001/status/',
    '/pumps/LVP-0001/status',
    'pumps//status',
    'pumps/+/status',
    'pumps/LVP-0001/#',
    'pumps/LVP-0001/constructor',
    'Pumps/LVP-0001/status',
    'libraries/adult-icu/releases',
    'firmware/lvp/release/1',
    `artifacts/${DIGEST.toUpperCase()}/request/LVP-0001`,
    `artifacts/${DIGEST.slice(1)}/request/LVP-0001`,
    `artifacts/${DIGEST}/chunk/LVP-0001`,
    `artifacts/${DIGEST}/chunk/LVP-0001/-1`,
    `artifacts/${DIGEST}/chunk/LVP-0001/01`,
    `artifacts/${DIGEST}/chunk/LVP-0001/1e3`,
    `artifacts/${DIGEST}/chunk/LVP-0001/0/0`,
    '$SYS/broker/clients',
    '',
  ])('%j is none of ours', (name) => {
    expect(parseTopic(name)).toBeUndefined();
  });

  test('is taken in by the filters that are made for it, and by no other pump’s', () => {
    fc.assert(
      fc.property(anySerial, anySerial, fc.constantFrom(...PUMP_TOPICS), (serial, other, topic) => {
        expect(filterMatches(everyPump(topic), pumpTopic(serial, topic))).toBe(true);
        const chunk = topicName({ kind: 'artifact-chunk', digest: DIGEST, serial, offset: 7 });
        const request = topicName({ kind: 'artifact-request', digest: DIGEST, serial });
        expect(filterMatches(chunksFor(DIGEST, serial), chunk)).toBe(true);
        expect(filterMatches(chunksFor(DIGEST, other), chunk)).toBe(other === serial);
        expect(filterMatches(EVERY_ARTIFACT_REQUEST, request)).toBe(true);
        expect(filterMatches(EVERY_ARTIFACT_REQUEST, chunk)).toBe(false);
      }),
    );
  });
});

describe('a filter', () => {
  test.each([
    // [MQTT-4.7.1-2], the specification's own examples, and its non-normative ones below
    ['sport/tennis/player1/#', 'sport/tennis/player1', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/ranking', true],
    ['sport/tennis/player1/#', 'sport/tennis/player1/score/wimbledon', true],
    ['sport/tennis/player1/#', 'sport/tennis/player10', false],
    ['sport/#', 'sport', true],
    ['#', 'sport/tennis', true],
    ['#', '/', true],
    // [MQTT-4.7.1-3]
    ['sport/tennis/+', 'sport/tennis/player1', true],
    ['sport/tennis/+', 'sport/tennis/player2', true],
    ['sport/tennis/+', 'sport/tennis/player1/ranking', false],
    ['sport/+', 'sport', false],
    ['sport/+', 'sport/', true],
    ['+/tennis/#', 'sport/tennis', true],
    ['+/tennis/#', 'sport/tennis/player1', true],
    ['sport/+/player1', 'sport/tennis/player1', true],
    ['+/+', '/finance', true],
    ['/+', '/finance', true],
    ['+', '/finance', false],
    // [MQTT-4.7.2-1]
    ['#', '$SYS/broker', false],
    ['+/monitor/Clients', '$SYS/monitor/Clients', false],
    ['$SYS/#', '$SYS/monitor/Clients', true],
    ['$SYS/monitor/+', '$SYS/monitor/Clients', true],
    // [MQTT-4.7.3]: case and every character count; `$` elsewhere is nothing special
    ['ACCOUNTS', 'Accounts', false],
    ['a b', 'a b', true],
    ['+/$x', 'a/$x', true],
    ['a', 'a/', false],
    ['a/', 'a', false],
  ])('%s and the name %s: %s', (filter, name, matches) => {
    expect(filterMatches(filter, name)).toBe(matches);
  });

  test('without wildcards takes in itself alone', () => {
    const plain = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '$') }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(plain, plain, (one, other) => {
        expect(filterMatches(one.join('/'), other.join('/'))).toBe(one.join('/') === other.join('/'));
      }),
    );
  });
});
