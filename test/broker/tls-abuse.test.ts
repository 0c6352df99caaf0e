import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { generate } from 'mqtt-packet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Floor, observer, openFloor, pump, subscribe } from '../helpers/floor.ts';
import { connectRaw, openRaw } from '../helpers/raw-mqtt.ts';
import { speakMqtt, visit } from '../helpers/tls-client.ts';

let floor: Floor;
beforeEach(async () => {
  floor = await openFloor();
});
afterEach(() => floor.stop());

const CONNECT = {
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clean: true,
  clientId: 'pump:LVP-0001',
  keepalive: 0,
} as const;
const last = (event: string) => floor.evidence.findLast((entry) => entry.event === event);

test('a hundred clients that dial at one instant are all let in, and none of them waits for a timer', async () => {
  const began = floor.clock.now();
  const dialling = Promise.all(
    Array.from({ length: 100 }, (_, index) => floor.dial(pump(`LVP-${String(index + 1).padStart(4, '0')}`))),
  );
  await floor.wire.settle();
  const seats = await dialling;
  expect(floor.clock.now()).toBe(began); // the Clock stood still: what waits for it would wait still
  expect(seats.flatMap(({ closed }) => closed)).toEqual([]);
  expect(floor.broker.counts()).toMatchObject({ clients: 100, denied: 0 });
}, 60_000);

test('a CONNECT that comes byte by byte over TLS ends when its time is over, and bytes do not prolong it', async () => {
  const honest = await floor.seat(observer());
  const slow = await openRaw(floor, pump());
  const bytes = generate(CONNECT);
  for (let second = 0; second < 9; second++) {
    slow.socket.write(bytes.subarray(second, second + 1));
    await floor.wire.settle();
    await floor.run(1_000);
  }
  await floor.run(999);
  expect(slow.socket.closed).toBe(false);
  await floor.run(1);
  expect(slow.socket.closed).toBe(true);
  expect(last('session.refused')?.cause).toBe('connect-time: CONNECT did not come in time');
  expect(honest.closed).toEqual([]);
  // Nothing that was begun for it is left: the next timer is that of the session that stands.
  expect(floor.broker.counts().clients).toBe(1);
});

test('a CONNECT that comes byte by byte within its time is taken', async () => {
  const slow = await openRaw(floor, pump());
  for (const byte of generate(CONNECT)) {
    slow.socket.write(Buffer.of(byte));
    await floor.wire.settle();
  }
  expect(slow.packets).toMatchObject([{ cmd: 'connack', returnCode: 0 }]);
});

test('a session whose TLS breaks after it was opened is closed once, with the reason, and leaves no timer behind', async () => {
  const credential = floor.pki.issue({ identity: pump() });
  const tcp = connectTcp(floor.broker.port, '127.0.0.1');
  const { chainPem: cert, privateKeyPem: key } = credential;
  const socket = connectTls({ socket: tcp, cert, key, rejectUnauthorized: false });
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  socket.write(generate({ ...CONNECT, keepalive: 60 }));
  await new Promise((resolve) => socket.once('data', resolve));
  expect(floor.clock.nextDueMs()).toBeDefined();
  // A record of application data that nobody encrypted.
  tcp.write(Buffer.from([0x17, 3, 3, 0, 32, ...Buffer.alloc(32, 7)]));
  while (floor.broker.counts().clients > 0) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => socket.once('close', resolve).resume());
  const ends = () => floor.evidence.filter(({ event }) => event === 'session.closed');
  expect(ends()).toMatchObject([
    { session: 'pump:LVP-0001', cause: expect.stringMatching(/bad record mac|decrypt/i) },
  ]);
  const known = floor.evidence.length;
  expect(floor.clock.nextDueMs()).toBeUndefined();
  floor.clock.runTo(floor.clock.now() + 400 * 86_400_000);
  expect(floor.evidence).toHaveLength(known);
  expect(last('session.refused')).toBeUndefined();
});

test('renegotiation of TLS 1.2 by a client ends its session, and the evidence says why', async () => {
  const credential = floor.pki.issue({ identity: pump() });
  const honest = await floor.seat(observer());
  const connection = await visit(floor, credential, 'TLSv1.2');
  await speakMqtt(floor, connection, credential);
  expect(floor.broker.counts().clients).toBe(2);
  const closed = new Promise((resolve) => connection.socket.once('close', resolve));
  connection.socket.renegotiate({ rejectUnauthorized: false }, () => undefined);
  await closed;
  while (floor.broker.counts().clients > 1) await new Promise((resolve) => setImmediate(resolve));
  expect(last('session.closed')).toMatchObject({
    session: 'pump:LVP-0001',
    cause: expect.stringMatching(/renegotiation/),
  });
  expect(await subscribe(floor, honest, 'pumps/+/event')).toEqual([true]);
});

test('what a client whose clock is years off says of the time changes nothing: the broker goes by its own', async () => {
  const reader = await floor.seat(observer());
  await subscribe(floor, reader, 'pumps/+/telemetry');
  const client = await connectRaw(floor, pump(), { keepalive: 60 });
  const years = 10 * 365 * 86_400_000;
  for (const atMs of [floor.clock.now() - years, 0, floor.clock.now() + years, Number.MAX_SAFE_INTEGER]) {
    client.send({
      cmd: 'publish',
      topic: 'pumps/LVP-0001/telemetry',
      payload: JSON.stringify({ at: atMs }),
      qos: 0,
      dup: false,
      retain: false,
    });
  }
  await floor.wire.settle();
  expect(reader.received).toHaveLength(4);
  // Its keep-alive counts by the broker's Clock.
  await floor.run(89_999);
  expect(client.socket.closed).toBe(false);
  await floor.run(1);
  expect(client.socket.closed).toBe(true);
});
