import { connect as connectTcp } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import { afterEach, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../clock/index.ts';
import { type Floor, observer, openFloor, pump, subscribe } from '../helpers/floor.ts';
import { type MemoryBroker, openMemoryBroker, turns } from '../helpers/memory-broker.ts';
import { openRaw } from '../helpers/raw-mqtt.ts';

/** Seeded mutations of real packets. What is asserted is counts of ours, never the heap. */

const MUTATIONS = 100_000;
const TLS_MUTATIONS = 2_000;

let floor: Floor | undefined;
let broker: MemoryBroker | undefined;
afterEach(async () => {
  await floor?.stop();
  await broker?.handler.stop();
  floor = undefined;
  broker = undefined;
});

const CONNECT: Packet = {
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: 'pump:LVP-0666',
  keepalive: 60,
  will: { topic: 'pumps/LVP-0666/status', payload: Buffer.from('offline'), qos: 1, retain: true },
};
const TOPIC = 'pumps/LVP-0666/telemetry';
const SEEDS: readonly Buffer[] = (
  [
    { cmd: 'publish', topic: TOPIC, payload: 'x', qos: 0, dup: false, retain: false },
    { cmd: 'publish', topic: TOPIC, payload: 'x'.repeat(300), qos: 1, messageId: 7, dup: false, retain: false },
    { cmd: 'publish', topic: TOPIC, payload: 'x', qos: 2, messageId: 8, dup: true, retain: false },
    { cmd: 'publish', topic: 'pumps/LVP-0666/status', payload: 'on', qos: 1, messageId: 9, dup: false, retain: true },
    { cmd: 'pubrel', messageId: 8 },
    { cmd: 'puback', messageId: 3 },
    { cmd: 'pubrec', messageId: 3 },
    { cmd: 'pubcomp', messageId: 3 },
    { cmd: 'subscribe', messageId: 4, subscriptions: [{ topic: 'pumps/LVP-0666/command', qos: 1 }, { topic: 'libraries/#', qos: 0 }] },
    { cmd: 'unsubscribe', messageId: 5, unsubscriptions: ['pumps/LVP-0666/command'] },
    { cmd: 'pingreq' },
    { cmd: 'disconnect' },
    CONNECT,
  ] as Packet[]
).map((packet) => Buffer.from(generate(packet)));

function mutate(bytes: Buffer, random: Random): Buffer {
  let out = Buffer.from(bytes);
  for (let edits = random.int(1, 3); edits > 0; edits--) {
    const at = random.int(0, Math.max(0, out.length - 1));
    switch (random.int(0, 6)) {
      case 0:
        out[at] = (out[at] ?? 0) ^ (1 << random.int(0, 7));
        break;
      case 1:
        out[at] = random.int(0, 255);
        break;
      case 2:
        out = out.subarray(0, at);
        break;
      case 3:
        out = Buffer.concat([out.subarray(0, at), Buffer.from([random.int(0, 255)]), out.subarray(at)]);
        break;
      case 4:
        out = Buffer.concat([out, out.subarray(at)]);
        break;
      case 5:
        // A length that lies.
        if (out.length > 1) out[1] = random.int(0, 255);
        break;
      default:
        out[at] = [0, 0xff, 0x80, 0x23, 0x2b, 0x24][random.int(0, 5)] ?? 0;
    }
  }
  return out;
}

test(`${MUTATIONS} mutated packets leave the handler as it was, and an honest client beside them notices nothing`, async () => {
  broker = await openMemoryBroker();
  const random = seededRandom(20_261_128);
  const reader = await broker.connect(observer(), { keepalive: 0 });
  reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/LVP-0001/telemetry', qos: 1 }] });
  const honest = await broker.connect(pump(), { keepalive: 0 });
  let said = 0;
  const thief = { kind: 'pump', id: 'LVP-0666' } as const;
  let sent = 0;
  let most = 0;
  while (sent < MUTATIONS) {
    // Some before CONNECT was said, most behind it; as many as the session takes.
    const clients = Array.from({ length: 40 }, () => broker!.open(thief));
    for (const client of clients) {
      const early = random.int(0, 9) === 0;
      const packets = Array.from({ length: 10 }, () => mutate(SEEDS[random.int(0, SEEDS.length - 1)]!, random));
      // Under another name each, and refused for it, or under its own.
      const connect = generate(CONNECT);
      for (const bytes of early ? [mutate(connect, random), ...packets] : [connect, ...packets]) client.end.write(bytes);
      sent += packets.length + (early ? 1 : 0);
    }
    await turns(12);
    most = Math.max(most, [...broker.handler.sessions()].length);
    for (const client of clients) client.end.destroy();
    honest.send({ cmd: 'publish', topic: 'pumps/LVP-0001/telemetry', payload: String(said), qos: 1, messageId: 1 + (said % 60_000), dup: false, retain: false });
    said += 1;
    broker.clock.runTo(broker.clock.now() + 60_000);
    await turns(4);
    for (const packet of reader.packets) {
      if (packet.cmd === 'publish' && packet.qos === 1) reader.send({ cmd: 'puback', messageId: packet.messageId! });
    }
    if (reader.packets.length > 0) got.push(...reader.packets.splice(0));
  }
  await turns(60);
  got.push(...reader.packets.splice(0));
  const heard = got.flatMap((packet) => (packet.cmd === 'publish' ? [String(packet.payload)] : []));
  expect(heard).toEqual(Array.from({ length: said }, (_, number) => String(number)));
  expect([reader.closed, honest.closed]).toEqual([false, false]);
  expect([...broker.handler.sessions()].length).toBe(2);
  expect(most).toBeLessThanOrEqual(42);
  const causes = new Set(broker.evidence.flatMap(({ event, cause }) => (event === 'packet.refused' ? [cause] : [])));
  expect(causes.size).toBeGreaterThan(15);
}, 120_000);
const got: Packet[] = [];

test(`${TLS_MUTATIONS} mutated packets over TLS`, async () => {
  floor = await openFloor();
  const random = seededRandom(7);
  const watcher = await floor.seat(observer());
  await subscribe(floor, watcher, 'pumps/LVP-0001/telemetry');
  const honest = await floor.seat(pump());
  let sent = 0;
  let rounds = 0;
  while (sent < TLS_MUTATIONS) {
    const client = await openRaw(floor, pump('LVP-0666'));
    const packets = Array.from({ length: 40 }, () => mutate(SEEDS[random.int(0, SEEDS.length - 1)]!, random));
    client.socket.write(Buffer.concat([generate(CONNECT), ...packets]));
    sent += packets.length;
    honest.link.publish('pumps/LVP-0001/telemetry', String(rounds), { qos: 1 }).catch(() => undefined);
    rounds += 1;
    await floor.wire.settle();
    client.socket.destroy();
    await floor.run(1_000);
  }
  expect(watcher.received.map(({ payload }) => payload)).toEqual(Array.from({ length: rounds }, (_, n) => String(n)));
  expect([watcher.closed, honest.closed]).toEqual([[], []]);
  expect(floor.broker.counts().clients).toBe(2);
}, 120_000);

test('TLS records that are cut off, too long or none, and sockets half open', async () => {
  floor = await openFloor();
  const honest = await floor.seat(pump());
  const record = (type: number, length: number, body: number): Buffer =>
    Buffer.concat([Buffer.from([type, 3, 3, length >> 8, length & 0xff]), Buffer.alloc(body, 1)]);
  const inputs = [
    record(0x16, 512, 100),
    record(0x16, 0xffff, 0xffff),
    record(0x16, 0, 0),
    record(0x17, 16_384 + 300, 16_384 + 300),
    record(0x15, 2, 2),
    Buffer.alloc(100_000, 0xff),
    Buffer.from([0x16]),
  ];
  const sockets = inputs.map((bytes) => {
    const socket = connectTcp({ port: floor!.broker.port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(bytes));
    return socket.on('error', () => undefined).resume();
  });
  // Half open: the peer has said its last word and waits.
  const half = connectTcp({ port: floor.broker.port, host: '127.0.0.1', allowHalfOpen: true }, () => half.end());
  sockets.push(half.on('error', () => undefined).resume());
  let closed = 0;
  for (const socket of sockets) socket.once('close', () => (closed += 1));
  const refusals = () => floor!.evidence.filter(({ event, source }) => source === 'broker' && event === 'session.refused');
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  await floor.run(10_000);
  while (closed < sockets.length) {
    for (const socket of sockets) if (socket.readableEnded) socket.destroy();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(floor.broker.counts()).toMatchObject({ clients: 1, denied: sockets.length });
  expect(refusals().length).toBeGreaterThan(3);
  expect(refusals().every(({ address }) => address === '127.0.0.1')).toBe(true);
  honest.link.publish('pumps/LVP-0001/telemetry', 'x', { qos: 1 }).catch(() => undefined);
  await floor.wire.settle();
  expect(honest.closed).toEqual([]);
});
