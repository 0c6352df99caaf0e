import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { RateLimit } from '../../broker/limits/rate-limit.ts';
import { TokenBucket } from '../../broker/limits/token-bucket.ts';
import { HeapClock } from '../../clock/index.ts';
import { DEFAULT_LIMITS, type IdentityLimits, type Limits } from '../../protocol/index.ts';
import { type Floor, observer, openFloor, pump, subscribe } from '../helpers/floor.ts';
import { type MemoryBroker, openMemoryBroker, turns } from '../helpers/memory-broker.ts';
import { connectRaw } from '../helpers/raw-mqtt.ts';

const TOPIC = 'pumps/LVP-0001/telemetry';
const limited = (change: Partial<IdentityLimits>, rest: Partial<Limits> = {}): Limits => ({
  ...DEFAULT_LIMITS,
  byKind: {},
  ...rest,
  default: { ...DEFAULT_LIMITS.default, ...change },
});

let floor: Floor | undefined;
let broker: MemoryBroker | undefined;
afterEach(async () => {
  await floor?.stop();
  await broker?.handler.stop();
  floor = undefined;
  broker = undefined;
});

const told = (code: string) =>
  (floor?.evidence ?? broker?.evidence ?? []).filter(({ cause }) => cause?.startsWith(`${code}: `));
const publish = (payload = 'x', qos: 0 | 1 | 2 = 0, messageId = 1) =>
  ({ cmd: 'publish', topic: TOPIC, payload, qos, messageId, dup: false, retain: false }) as const;

describe('a token bucket', () => {
  test('gives a burst at once and then its rate', () => {
    const bucket = new TokenBucket(10, 5, 0);
    for (let taken = 0; taken < 5; taken++) {
      expect(bucket.waitMs(1, 0)).toBe(0);
      bucket.take(1, 0);
    }
    expect(bucket.waitMs(1, 0)).toBe(100);
    expect(bucket.waitMs(1, 99)).toBe(1);
    expect(bucket.waitMs(1, 100)).toBe(0);
    expect(bucket.isFull(10_000)).toBe(true);
  });

  test('lets through what is more than a burst once it is full, and is owed the rest', () => {
    const bucket = new TokenBucket(1_000, 10, 0);
    expect(bucket.waitMs(100, 0)).toBe(0);
    bucket.take(100, 0);
    expect(bucket.waitMs(1, 0)).toBe(91);
  });
});

test('accounts of identities that are gone are forgotten', () => {
  const clock = new HeapClock(0);
  const rates = new RateLimit(DEFAULT_LIMITS, clock);
  for (let number = 0; number < 20_000; number++) {
    rates.connect({ kind: 'pump', id: `P${number}` });
    clock.moveTo(clock.now() + 100);
  }
  expect(rates.accounts).toBeLessThan(4_000);
});

describe('rate-limit, in lockstep on real sockets', () => {
  test('publications beyond the rate wait for the Clock, and none is lost', async () => {
    floor = await openFloor({ limits: limited({ publishes: { perSecond: 10, burst: 20 } }) });
    const client = await connectRaw(floor, pump());
    for (let number = 0; number < 50; number++) client.send(publish());
    await floor.wire.settle();
    expect(floor.broker.counts().published).toBe(20);
    await floor.run(1_000);
    expect(floor.broker.counts().published).toBe(30);
    await floor.run(2_000);
    expect(floor.broker.counts()).toMatchObject({ published: 50, clients: 1, denied: 0 });
    expect(told('publish-rate')).toMatchObject([
      { event: 'session.throttled', control: 'rate-limit', outcome: 'observed', session: 'pump:LVP-0001' },
    ]);
  });

  test('a flood fills the kernel of who sends it, not the broker, and the wire is quiet all the same', async () => {
    floor = await openFloor({ limits: limited({ bytes: { perSecond: 10_000, burst: 100_000 } }) });
    const client = await connectRaw(floor, pump());
    const honest = await connectRaw(floor, pump('LVP-0002'));
    for (let number = 0; number < 400; number++) client.send(publish('x'.repeat(50_000)));
    await floor.wire.settle();
    expect(floor.broker.counts().published).toBeLessThan(4);
    expect(client.socket.writableLength).toBeGreaterThan(1_000_000);
    honest.send({ ...publish(), topic: 'pumps/LVP-0002/telemetry' });
    const before = floor.broker.counts().published;
    await floor.wire.settle();
    expect(floor.broker.counts().published).toBe(before + 1);
    expect(told('byte-rate').length).toBe(1);
  });

  test('connects beyond those of a minute are refused with return code 3', async () => {
    floor = await openFloor({ limits: limited({ connectsPerMinute: 3 }) });
    const answers: unknown[] = [];
    for (let number = 0; number < 5; number++) {
      const { packets } = await connectRaw(floor, pump());
      answers.push(packets[0]?.cmd === 'connack' ? packets[0].returnCode : undefined);
    }
    expect(answers).toEqual([0, 0, 0, 3, 3]);
    await connectRaw(floor, pump('LVP-0002'));
    await floor.run(20_000);
    expect((await connectRaw(floor, pump())).packets).toMatchObject([{ returnCode: 0 }]);
    expect(told('connect-rate')).toMatchObject([{ event: 'session.refused', control: 'rate-limit' }]);
    expect(floor.broker.counts().denied).toBe(2);
  });

  test('connects that are refused count as well', async () => {
    broker = await openMemoryBroker({ limits: limited({ connectsPerMinute: 3 }) });
    for (let number = 0; number < 5; number++) {
      const { packets } = await broker.connect(pump(), { clientId: `pump:LVP-000${number + 2}` });
      expect(packets).toMatchObject([{ returnCode: number < 3 ? 2 : 3 }]);
    }
    expect((await broker.connect(pump())).packets).toMatchObject([{ returnCode: 3 }]);
  });

  test.each([
    ['payload-size', 1_100],
    ['packet-size', 5_000_000],
  ])('%s: a message that is too long ends the session before it is read whole', async (code, bytes) => {
    floor = await openFloor({ limits: limited({ payloadBytes: 1_000 }) });
    const client = await connectRaw(floor, pump());
    client.send(publish('x'.repeat(bytes)));
    await floor.wire.settle();
    expect(client.socket.closed).toBe(true);
    expect(told(code)).toMatchObject([{ control: 'rate-limit', outcome: 'denied' }]);
    expect(floor.broker.counts().published).toBe(0);
  });

  test('is absent where it is off', async () => {
    floor = await openFloor({
      without: ['rate-limit'],
      limits: limited({ publishes: { perSecond: 1, burst: 1 }, payloadBytes: 1, connectsPerMinute: 1 }),
    });
    await connectRaw(floor, pump());
    const client = await connectRaw(floor, pump());
    for (let number = 0; number < 50; number++) client.send(publish('xx'));
    await floor.wire.settle();
    expect(floor.broker.counts()).toMatchObject({ published: 50, denied: 0 });
  });
});

describe('session-quota', () => {
  test('subscriptions: one too many answers 0x80, and one that was taken back makes room', async () => {
    floor = await openFloor({ limits: limited({ subscriptions: 2 }) });
    const seat = await floor.seat(observer());
    expect(await subscribe(floor, seat, 'pumps/+/status', 'pumps/+/alarm', 'pumps/+/event')).toEqual([
      true,
      true,
      false,
    ]);
    expect(told('subscriptions')).toMatchObject([
      { event: 'subscribe.denied', control: 'session-quota', object: 'pumps/+/event' },
    ]);
    const client = await connectRaw(floor, pump());
    const subscribeTo = (topic: string) =>
      client.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: `pumps/LVP-0001/${topic}`, qos: 0 }],
      });
    for (const topic of ['command', 'order', 'order']) subscribeTo(topic);
    await floor.wire.settle();
    client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['pumps/LVP-0001/order'] });
    await floor.wire.settle();
    subscribeTo('receipt');
    await floor.wire.settle();
    expect(client.packets.flatMap((packet) => (packet.cmd === 'suback' ? packet.granted : []))).toEqual([
      0, 0, 0, 0,
    ]);
  });

  test('sessions: an identity has so many at a time, and may still take over its own', async () => {
    floor = await openFloor({ limits: limited({ sessions: 2 }) });
    const open = async (suffix: string) =>
      (await connectRaw(floor!, observer(), { clientId: `observer:observer-01/${suffix}` })).packets;
    expect(await open('a')).toMatchObject([{ returnCode: 0 }]);
    expect(await open('b')).toMatchObject([{ returnCode: 0 }]);
    expect(await open('c')).toMatchObject([{ returnCode: 3 }]);
    expect(await open('b')).toMatchObject([{ returnCode: 0 }]);
    expect(told('sessions')).toMatchObject([{ event: 'session.refused', control: 'session-quota' }]);
  });

  test('sessions: those that connect at once have no more than one after the other', async () => {
    broker = await openMemoryBroker({ limits: limited({ sessions: 2 }) });
    const clients = Array.from({ length: 6 }, () => broker!.open(observer()));
    const ids = ['a', 'b', 'c', 'b', 'd', 'a'];
    for (const [index, client] of clients.entries()) {
      client.send({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: `observer:observer-01/${ids[index]}`,
        keepalive: 60,
      });
    }
    await turns();
    const codes = clients.map(({ packets: [packet] }) => packet?.cmd === 'connack' && packet.returnCode);
    expect([codes[2], codes[4]]).toEqual([3, 3]);
    expect([...broker.handler.sessions()].filter(({ open }) => open).map(({ clientId }) => clientId)).toEqual(
      ['observer:observer-01/b', 'observer:observer-01/a'],
    );
    // Whoever was refused or went has left no trace.
    for (const client of clients) client.cut();
    await turns();
    for (const id of ['e', 'f']) {
      const { packets } = await broker.connect(observer(), { clientId: `observer:observer-01/${id}` });
      expect(packets).toMatchObject([{ returnCode: 0 }]);
    }
  });

  test('sessions: those that are kept count while they are away', async () => {
    broker = await openMemoryBroker({ limits: limited({ sessions: 3 }) });
    for (let number = 0; number < 10; number++) {
      const client = await broker.connect(observer(), {
        clientId: `observer:observer-01/${number}`,
        clean: false,
      });
      expect(client.packets).toMatchObject([{ returnCode: number < 3 ? 0 : 3 }]);
      client.cut();
      await turns();
    }
  });

  test('sessions: a CONNECT that is refused does not make room for one more that is kept', async () => {
    broker = await openMemoryBroker({ limits: limited({ sessions: 2 }) });
    const forbidden = { topic: 'elsewhere', payload: Buffer.from('x'), qos: 0, retain: false } as const;
    const codes: unknown[] = [];
    for (const id of ['a', 'b', 'c']) {
      const clientId = `observer:observer-01/${id}`;
      const kept = await broker.connect(observer(), { clientId, clean: false });
      codes.push(kept.packets[0]?.cmd === 'connack' && kept.packets[0].returnCode);
      kept.cut();
      await turns();
      const refused = await broker.connect(observer(), { clientId, clean: true, will: forbidden });
      expect(refused.packets).toMatchObject([{ returnCode: 5 }]);
      refused.cut();
      await turns();
    }
    expect(codes).toEqual([0, 0, 3]);
    // One that is accepted does.
    (await broker.connect(observer(), { clientId: 'observer:observer-01/a' })).cut();
    await turns();
    const last = await broker.connect(observer(), { clientId: 'observer:observer-01/d', clean: false });
    expect(last.packets).toMatchObject([{ returnCode: 0 }]);
  });

  test('inflight: a publisher that never releases its QoS 2 messages is ended', async () => {
    broker = await openMemoryBroker({ limits: limited({ inflight: 10 }) });
    const client = await broker.connect(pump());
    for (let id = 1; id <= 12; id++) client.send(publish('x', 2, id));
    await turns();
    expect(client.closed).toBe(true);
    expect(told('inflight')).toMatchObject([{ event: 'session.shed', control: 'session-quota' }]);
  });

  test('inflight: what a kept session has not released counts when it comes back, until it is released or given up', async () => {
    broker = await openMemoryBroker({ limits: limited({ inflight: 10 }) });
    const come = async (clean: boolean, from: number, count: number) => {
      const client = await broker!.connect(pump(), { clean });
      for (let id = from; id < from + count; id++) client.send(publish('x', 2, id));
      await turns();
      return client;
    };
    (await come(false, 1, 8)).cut();
    await turns();
    const second = await come(false, 9, 2);
    second.send({ cmd: 'pubrel', messageId: 1 }, publish('x', 2, 11));
    await turns();
    expect(second.closed).toBe(false);
    second.cut();
    await turns();
    expect((await come(false, 12, 1)).closed).toBe(true);
    expect(told('inflight').length).toBe(1);
    (await come(true, 1, 0)).cut();
    await turns();
    expect((await come(false, 1, 10)).closed).toBe(false);
  });

  test('inflight: a reader that never acknowledges is ended', async () => {
    broker = await openMemoryBroker({ limits: limited({ inflight: 10 }) });
    const reader = await broker.connect(observer());
    reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/+/telemetry', qos: 1 }] });
    await turns();
    const sender = await broker.connect(pump());
    for (let id = 1; id <= 12; id++) sender.send(publish('x', 1, id));
    await turns();
    expect([reader.closed, sender.closed]).toEqual([true, false]);
    expect(told('inflight')).toMatchObject([{ event: 'session.shed', session: 'observer:observer-01' }]);
  });

  test('queued-messages: so many wait for a session that is away, the others are told of and dropped', async () => {
    broker = await openMemoryBroker({ limits: limited({ queuedMessages: 5 }) });
    const first = await broker.connect(observer(), { clean: false });
    first.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/+/telemetry', qos: 1 }] });
    await turns();
    first.cut();
    const sender = await broker.connect(pump());
    for (let id = 1; id <= 9; id++) sender.send(publish(String(id), 1, id));
    await turns();
    expect(told('queued-messages')).toMatchObject([{ event: 'queue.full', control: 'session-quota' }]);
    const again = await broker.connect(observer(), { clean: false });
    await turns();
    const got = again.packets.flatMap((packet) => (packet.cmd === 'publish' ? [String(packet.payload)] : []));
    expect(got).toEqual(['1', '2', '3', '4', '5']);
  });

  test('queued-messages: a reader that is there gets all, however late it acknowledges, and keeps its session', async () => {
    broker = await openMemoryBroker({ limits: limited({ queuedMessages: 5, inflight: 50 }) });
    const reader = await broker.connect(observer(), { clean: false });
    reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/+/telemetry', qos: 1 }] });
    await turns();
    const sender = await broker.connect(pump());
    for (let id = 1; id <= 20; id++) sender.send(publish(String(id), 1, id));
    await turns(60);
    const got = () => reader.packets.flatMap((packet) => (packet.cmd === 'publish' ? [packet] : []));
    expect(got().map(({ payload }) => String(payload))).toEqual(
      Array.from({ length: 20 }, (_, index) => String(index + 1)),
    );
    for (const { messageId } of got()) reader.send({ cmd: 'puback', messageId: messageId! });
    await turns();
    expect(reader.closed).toBe(false);
    expect(broker.handler.queues).toMatchObject({ messages: 0 });
    expect(broker.evidence.filter(({ outcome }) => outcome === 'denied')).toEqual([]);
  });

  test('outgoing-bytes: a reader that never reads is ended, and who publishes notices nothing', async () => {
    broker = await openMemoryBroker({ limits: limited({ outgoingBytes: 200_000 }) });
    const reader = await broker.connect(observer());
    const other = await broker.connect(observer('observer-02'));
    for (const client of [reader, other]) {
      client.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [{ topic: 'pumps/+/telemetry', qos: 0 }],
      });
    }
    await turns();
    reader.end.pause();
    const sender = await broker.connect(pump());
    for (let number = 0; number < 100; number++) {
      sender.send(publish('x'.repeat(10_000)));
      await turns(4);
    }
    await turns();
    expect(told('outgoing-bytes')).toMatchObject([
      { event: 'session.shed', session: 'observer:observer-01' },
    ]);
    expect(other.packets.filter(({ cmd }) => cmd === 'publish').length).toBe(100);
    expect([...broker.handler.sessions()].length).toBe(2);
  });

  test('stalled: a reader that stops reading is ended after a while, however little waits', async () => {
    broker = await openMemoryBroker({ limits: limited({}, { stalledMs: 30_000 }) });
    const reader = await broker.connect(observer(), { keepalive: 0 });
    reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/+/telemetry', qos: 0 }] });
    await turns();
    reader.end.pause();
    const sender = await broker.connect(pump(), { keepalive: 0 });
    for (let number = 0; number < 3; number++) sender.send(publish('x'.repeat(40_000)));
    await turns();
    broker.clock.runTo(broker.clock.now() + 29_999);
    expect(told('stalled')).toEqual([]);
    broker.clock.runTo(broker.clock.now() + 1);
    expect(told('stalled')).toMatchObject([{ event: 'session.shed', session: 'observer:observer-01' }]);
  });

  test('address-connections and address-unaccepted: what one address holds open is bounded', async () => {
    floor = await openFloor({ limits: limited({}, { connectionsPerAddress: 5, unacceptedPerAddress: 2 }) });
    await connectRaw(floor, pump());
    const silent = Array.from({ length: 4 }, () => connect(floor!.broker.port, '127.0.0.1'));
    let closed = 0;
    for (const socket of silent)
      socket
        .on('error', () => undefined)
        .on('close', () => (closed += 1))
        .resume();
    while (closed < 2) await new Promise((resolve) => setImmediate(resolve));
    expect(told('address-unaccepted')).toMatchObject([
      { event: 'session.refused', control: 'session-quota', address: '127.0.0.1' },
    ]);
    expect(floor.broker.counts().denied).toBe(2);
    for (const socket of silent) socket.destroy();
    while (closed < 4) await new Promise((resolve) => setImmediate(resolve));
    // Their places are free again.
    await floor.wire.settle();
    for (let number = 2; number <= 5; number++) await connectRaw(floor, pump(`LVP-000${number}`));
    expect(floor.broker.counts().clients).toBe(5);
    const one = connect(floor.broker.port, '127.0.0.1')
      .on('error', () => undefined)
      .resume();
    await new Promise((resolve) => one.once('close', resolve));
    expect(told('address-connections').length).toBe(1);
  });

  test('is absent where it is off: a silent connection stays', async () => {
    floor = await openFloor({ without: ['session-quota'], limits: limited({ subscriptions: 1 }) });
    const seat = await floor.seat(observer());
    expect(await subscribe(floor, seat, 'pumps/+/status', 'pumps/+/alarm')).toEqual([true, true]);
    expect(floor.clock.nextDueMs()! - floor.clock.now()).toBeGreaterThan(86_400_000);
  });
});
