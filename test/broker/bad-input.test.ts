import { connect as connectTcp } from 'node:net';
import { generate, type Packet } from 'mqtt-packet';
import { afterEach, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../clock/index.ts';
import { type Floor, observer, openFloor, pump, subscribe } from '../helpers/floor.ts';
import { type MemoryBroker, type MemoryClient, openMemoryBroker, turns } from '../helpers/memory-broker.ts';
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

const connectOf = (serial: string): Buffer =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: `pump:${serial}`,
    keepalive: 60,
    will: { topic: `pumps/${serial}/status`, payload: Buffer.from('offline'), qos: 1, retain: true },
  });

function seedsOf(serial: string): readonly Buffer[] {
  const publish = {
    cmd: 'publish',
    topic: `pumps/${serial}/telemetry`,
    payload: 'x',
    dup: false,
    retain: false,
  } as const;
  const subscriptions = [
    { topic: `pumps/${serial}/command`, qos: 1 },
    { topic: 'libraries/#', qos: 0 },
  ] as const;
  const packets: readonly Packet[] = [
    { ...publish, qos: 0 },
    { ...publish, payload: 'x'.repeat(300), qos: 1, messageId: 7 },
    { ...publish, qos: 2, messageId: 8, dup: true },
    { ...publish, topic: `pumps/${serial}/status`, qos: 1, messageId: 9, retain: true },
    { cmd: 'pubrel', messageId: 8 },
    { cmd: 'puback', messageId: 3 },
    { cmd: 'pubrec', messageId: 3 },
    { cmd: 'pubcomp', messageId: 3 },
    { cmd: 'subscribe', messageId: 4, subscriptions: [...subscriptions] },
    { cmd: 'unsubscribe', messageId: 5, unsubscriptions: [`pumps/${serial}/command`] },
    { cmd: 'pingreq' },
    { cmd: 'disconnect' },
  ];
  return [...packets.map((packet) => Buffer.from(generate(packet))), connectOf(serial)];
}

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
  const { handler, clock, evidence } = broker;
  const random = seededRandom(20_261_128);
  const reader = await broker.connect(observer(), { keepalive: 0 });
  reader.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: 'pumps/LVP-0001/telemetry', qos: 0 }],
  });
  const honest = await broker.connect(pump(), { keepalive: 0 });
  const attackers = Array.from({ length: 500 }, (_, number) => {
    const serial = `BAD-${number}`;
    return { identity: pump(serial), connect: connectOf(serial), seeds: seedsOf(serial) };
  });
  const open = new Map<string, MemoryClient>();
  let sent = 0;
  let said = 0;
  let most = 0;
  while (sent < MUTATIONS) {
    for (const { identity, connect, seeds } of attackers) {
      const known = open.get(identity.id);
      const client = known === undefined || known.closed ? broker.open(identity) : known;
      open.set(identity.id, client);
      // One packet at a time, so that each is met by a connection that stands; one in ten in the place of CONNECT.
      if (client !== known && random.int(0, 9) > 0) client.end.write(connect);
      client.end.write(
        mutate(
          client === known || random.int(0, 1) > 0 ? seeds[random.int(0, seeds.length - 1)]! : connect,
          random,
        ),
      );
      sent += 1;
    }
    const messageId = 1 + said;
    honest.send({
      cmd: 'publish',
      topic: 'pumps/LVP-0001/telemetry',
      payload: String(said),
      qos: 1,
      messageId,
      dup: false,
      retain: false,
    });
    said += 1;
    await turns(12);
    most = Math.max(most, [...handler.sessions()].length);
    clock.runTo(clock.now() + 5_000);
  }
  for (const client of open.values()) client.cut();
  await turns(60);
  const heard = reader.packets.flatMap((packet) =>
    packet.cmd === 'publish' ? [String(packet.payload)] : [],
  );
  expect(heard).toEqual(Array.from({ length: said }, (_, number) => String(number)));
  expect([reader.closed, honest.closed]).toEqual([false, false]);
  // Nothing of them is left, and there never was more than a connection each.
  expect([...handler.sessions()].length).toBe(2);
  expect(most).toBeLessThanOrEqual(attackers.length + 2);
  const told = evidence.filter(({ event }) => event === 'packet.refused');
  expect(told.length).toBeGreaterThan(10_000);
  expect(new Set(told.map(({ cause }) => cause)).size).toBeGreaterThan(20);
}, 180_000);

test(`${TLS_MUTATIONS} mutated packets over TLS`, async () => {
  floor = await openFloor();
  const random = seededRandom(7);
  const watcher = await floor.seat(observer());
  await subscribe(floor, watcher, 'pumps/LVP-0001/telemetry');
  const honest = await floor.seat(pump());
  let sent = 0;
  let rounds = 0;
  const seeds = seedsOf('LVP-0666');
  while (sent < TLS_MUTATIONS) {
    const client = await openRaw(floor, pump('LVP-0666'));
    const packets = Array.from({ length: 40 }, () => mutate(seeds[random.int(0, seeds.length - 1)]!, random));
    client.socket.write(Buffer.concat([connectOf('LVP-0666'), ...packets]));
    sent += packets.length;
    honest.link.publish('pumps/LVP-0001/telemetry', String(rounds), { qos: 1 }).catch(() => undefined);
    rounds += 1;
    await floor.wire.settle();
    client.socket.destroy();
    await floor.run(1_000);
  }
  expect(watcher.received.map(({ payload }) => payload)).toEqual(
    Array.from({ length: rounds }, (_, n) => String(n)),
  );
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
    const socket = connectTcp({ port: floor!.broker.port, host: '127.0.0.1', allowHalfOpen: true }, () =>
      socket.write(bytes),
    );
    return socket.on('error', () => undefined).resume();
  });
  // Half open: the peer has said its last word and waits.
  const half = connectTcp({ port: floor.broker.port, host: '127.0.0.1', allowHalfOpen: true }, () =>
    half.end(),
  );
  sockets.push(half.on('error', () => undefined).resume());
  let closed = 0;
  for (const socket of sockets) socket.once('close', () => (closed += 1));
  const refusals = () =>
    floor!.evidence.filter(({ event, source }) => source === 'broker' && event === 'session.refused');
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
