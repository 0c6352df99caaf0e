import { generate } from 'mqtt-packet';
import { afterEach, expect, test, vi } from 'vitest';
import { observer, pump } from '../helpers/floor.ts';
import { type MemoryBroker, openMemoryBroker, turns } from '../helpers/memory-broker.ts';

/** What one client can make the broker write and do for little. */

let broker: MemoryBroker | undefined;
afterEach(async () => {
  await broker?.handler.stop();
  broker = undefined;
});
const denials = () => (broker?.evidence ?? []).filter(({ outcome }) => outcome === 'denied');

test('a flood of denials is counted whole, and told of in part', async () => {
  broker = await openMemoryBroker({ without: ['session-quota'] });
  const client = await broker.connect(pump());
  const subscribe = (from: number, count: number) =>
    client.send({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: Array.from({ length: count }, (_, number) => ({ topic: `$${from + number}`, qos: 0 })),
    });
  subscribe(0, 2_000);
  await turns();
  expect(denials().map(({ object }) => object)).toEqual(Array.from({ length: 20 }, (_, n) => `$${n}`));
  expect(broker.handler.audit.denied).toBe(2_000);
  broker.clock.runTo(broker.clock.now() + 10_000);
  subscribe(2_000, 5);
  await turns();
  expect(denials().length).toBe(21);
  expect(denials().at(-1)).toMatchObject({ event: 'subscribe.denied', object: '$2000' });
  expect(denials().at(-1)?.cause).toContain('(1980 like it since the last entry)');
});

test('what a client chose is cut to 256 characters', async () => {
  broker = await openMemoryBroker();
  const client = await broker.connect(pump());
  client.send({
    cmd: 'publish',
    topic: '\u{1F4A7}'.repeat(9_000),
    payload: 'x',
    qos: 0,
    dup: false,
    retain: false,
  });
  await turns();
  const [told] = denials();
  expect(told).toMatchObject({ event: 'publish.denied' });
  expect(told?.object).toBe(`${'\u{1F4A7}'.repeat(127)}…`);
  expect(JSON.stringify(told).length).toBeLessThan(2_000);
});

test('peers that are refused are told of by address, each kind of refusal by itself', async () => {
  broker = await openMemoryBroker();
  const { audit } = broker.handler;
  for (let number = 0; number < 500; number++) {
    audit.refused({ address: '127.0.0.1' }, 'mutual-tls', `untrusted: of CA ${number}`);
  }
  audit.refused({ address: '127.0.0.1' }, 'mutual-tls', 'no-certificate: none was presented');
  audit.refused({ address: '127.0.0.2' }, 'mutual-tls', 'untrusted: of CA 1');
  expect(denials().length).toBe(22);
  expect(audit.denied).toBe(502);
});

test('a client id is 128 bytes long at most', async () => {
  broker = await openMemoryBroker();
  const named = (bytes: number) => ({ clientId: 'observer:observer-01/'.padEnd(bytes, 'z') });
  expect((await broker.connect(observer(), named(128))).packets).toMatchObject([{ returnCode: 0 }]);
  const client = await broker.connect(observer(), named(129));
  expect(client.packets).toMatchObject([{ cmd: 'connack', returnCode: 2 }]);
  expect(client.closed).toBe(true);
  expect(denials()).toMatchObject([{ event: 'session.refused', session: null }]);
  expect(denials()[0]?.cause).toContain('129 bytes, more than 128 [MQTT-3.1.3-9]');
});

test('a SUBSCRIBE with more filters than a session may have is refused as a whole', async () => {
  broker = await openMemoryBroker();
  const subscriptions = (count: number) =>
    Array.from({ length: count }, (_, number) => ({ topic: `pumps/P${number}/status`, qos: 0 as const }));
  const client = await broker.connect(observer());
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: subscriptions(100) });
  await turns();
  expect(client.packets.at(-1)).toMatchObject({ granted: Array.from({ length: 100 }, () => 0) });
  client.send({ cmd: 'subscribe', messageId: 2, subscriptions: subscriptions(101) });
  await turns();
  expect(client.packets.at(-1)).toMatchObject({ messageId: 1 });
  expect(client.closed).toBe(true);
  expect(denials()).toMatchObject([
    {
      event: 'subscribe.denied',
      control: 'session-quota',
      cause: 'subscriptions: 101 filters in one SUBSCRIBE, more than 100',
    },
  ]);
});

test('a packet that comes byte by byte is neither kept in as many pieces nor copied over and over', async () => {
  broker = await openMemoryBroker();
  const client = await broker.connect(pump());
  const bytes = generate({
    cmd: 'publish',
    topic: 'pumps/LVP-0001/telemetry',
    payload: Buffer.alloc(60_000, 'x'),
    qos: 0,
    dup: false,
    retain: false,
  });
  const concat = vi.spyOn(Buffer, 'concat');
  for (const [index, byte] of bytes.entries()) {
    client.end.write(Buffer.from([byte]));
    if (index % 2_000 === 0) await turns(2);
  }
  await turns();
  const calls = concat.mock.calls.map(([pieces]) => pieces);
  concat.mockRestore();
  expect(broker.handler.published).toBe(1);
  expect(Math.max(...calls.map((pieces) => pieces.length))).toBeLessThan(80);
  const copied = calls.reduce((sum, pieces) => pieces.reduce((more, { length }) => more + length, sum), 0);
  expect(copied).toBeLessThan(20 * bytes.length);
});
