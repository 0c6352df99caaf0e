import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LargeHandshakes } from '../../broker/limits/large-handshakes.ts';
import { HeapClock } from '../../clock/index.ts';
import { type Floor, openFloor, pump } from '../helpers/floor.ts';
import { ecKey, type HostileChain, hostileChain, rsaKey } from '../helpers/hostile-chain.ts';

let floor: Floor;
beforeEach(async () => {
  floor = await openFloor({ lockstep: false });
});
afterEach(() => floor.stop());

/** Dials and waits for the end. */
function dial({ chainPem, privateKeyPem }: HostileChain, localAddress = '127.0.0.2'): Promise<void> {
  const { port } = floor.broker;
  const shown = { cert: chainPem, key: privateKeyPem, rejectUnauthorized: false };
  const target = { host: '127.0.0.1', port, localAddress };
  const socket = connect({ ...target, ...shown });
  socket.on('error', () => undefined).resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

const refusals = (start: RegExp) =>
  floor.evidence.filter(({ event, cause }) => event === 'session.refused' && start.test(cause ?? ''));
const exponent = (...octets: number[]): Buffer => Buffer.from(octets);

describe.each([
  ['a long chain', () => hostileChain({ authorities: 99, key: ecKey('P-256') })],
  ['one that is longer than any path', () => hostileChain({ authorities: 240, key: ecKey('P-256') })],
  [
    'one that leads back to itself',
    () => hostileChain({ authorities: 50, key: ecKey('P-256'), loops: true }),
  ],
  [
    'RSA with a modulus of 16,384 bits',
    () => hostileChain({ authorities: 20, key: rsaKey(16_384, exponent(1, 0, 1)) }),
  ],
  [
    'RSA with an exponent as long as its modulus',
    () => hostileChain({ authorities: 70, key: rsaKey(3_072, Buffer.alloc(384, 0xee)) }),
  ],
  [
    'a modulus beyond what OpenSSL computes with',
    () => hostileChain({ authorities: 5, key: rsaKey(65_536, exponent(1, 0, 1)) }),
  ],
  [
    'a short chain of costly keys',
    () => hostileChain({ authorities: 3, key: rsaKey(3_072, Buffer.alloc(384, 0xee)) }),
  ],
  [
    'a chain of a few links more than any of ours',
    () => hostileChain({ authorities: 12, key: ecKey('P-256') }),
  ],
  ['thousands of names', () => hostileChain({ authorities: 1, key: ecKey('P-256'), names: 5_000 })],
] as const)('%s', (_, make) => {
  test('is refused, and after a few of them its address is, before a handshake; others are let in', async () => {
    const chain = make();
    await dial(chain);
    expect(refusals(/^handshake-bytes/)).toEqual([]);
    expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 1 });
    // One that is both large and long counts twice.
    for (let time = 0; time < 2; time++) await dial(chain);
    for (let time = 0; time < 20; time++) await dial(chain);
    expect(refusals(/^handshake-bytes: /)).toMatchObject([
      { address: '127.0.0.2', control: 'session-quota', outcome: 'denied' },
    ]);
    expect(floor.broker.counts().denied).toBe(23);
    const seat = await floor.seat(pump()); // from 127.0.0.1
    expect(seat.closed).toEqual([]);
  }, 60_000);
});

test('RSA with the exponent 1, under which anybody signs, is refused', async () => {
  await dial(hostileChain({ authorities: 1, key: rsaKey(2_048, exponent(1)) }));
  expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 1 });
});

test('what an address has begun when it is barred is ended too: all at once is no way around', async () => {
  const chain = hostileChain({ authorities: 99, key: ecKey('P-256') });
  await Promise.all(Array.from({ length: 40 }, () => dial(chain)));
  const verified = floor.evidence.filter(({ certificateFingerprint }) => certificateFingerprint != null);
  expect(verified.length).toBeLessThanOrEqual(3);
  expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 40 });
}, 60_000);

test('a minute later the address may come again', () => {
  const clock = new HeapClock(0);
  const large = new LargeHandshakes({ handshakeBytes: 100, largeHandshakesPerMinute: 2 }, clock);
  large.ended('a', 100);
  for (let time = 0; time < 2; time++) {
    expect(large.refused('a')).toBeUndefined();
    large.ended('a', 101);
  }
  expect(large.refused('a')).toMatchObject({ code: 'handshake-bytes' });
  expect(large.refused('b')).toBeUndefined();
  clock.runTo(29_000);
  expect(large.refused('a')).toBeDefined();
  clock.runTo(30_000);
  expect(large.refused('a')).toBeUndefined();
});
