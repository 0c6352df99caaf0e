import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_LIMITS } from '../../protocol/index.ts';
import { type Floor, observer, openFloor, pump, subscribe } from '../helpers/floor.ts';
import { connectRaw, openRaw } from '../helpers/raw-mqtt.ts';

let floor: Floor;
beforeEach(async () => {
  floor = await openFloor();
});
afterEach(() => floor.stop());

const closedCause = (): string | null | undefined =>
  floor.evidence.findLast(({ event }) => event === 'session.closed')?.cause;

describe('the keep-alive, on the Clock', () => {
  test('a session from which nothing is heard ends after one and a half times of it', async () => {
    const client = await connectRaw(floor, pump(), { keepalive: 60 });
    await floor.run(89_999);
    expect(client.socket.closed).toBe(false);
    await floor.run(1);
    expect(client.socket.closed).toBe(true);
    expect(closedCause()).toMatch(/keep-alive/);
    expect(floor.broker.counts().clients).toBe(0);
  });

  test.each([
    ['PINGREQ', { cmd: 'pingreq' }],
    [
      'PUBLISH',
      { cmd: 'publish', topic: 'pumps/LVP-0001/telemetry', payload: 'x', qos: 0, dup: false, retain: false },
    ],
    [
      'SUBSCRIBE',
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/LVP-0001/order', qos: 0 }] },
    ],
    [
      'a SUBSCRIBE that is denied',
      { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '#', qos: 0 }] },
    ],
    ['UNSUBSCRIBE', { cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['pumps/LVP-0001/order'] }],
  ] as const)('%s counts from the moment it came, to the millisecond', async (_, packet) => {
    const client = await connectRaw(floor, pump(), { keepalive: 60 });
    await floor.run(80_000);
    client.send(packet as Parameters<typeof client.send>[0]);
    await floor.wire.settle();
    await floor.run(89_999);
    expect(client.socket.closed).toBe(false);
    await floor.run(1);
    expect(client.socket.closed).toBe(true);
  });

  test('an acknowledgement counts too', async () => {
    const client = await connectRaw(floor, observer(), { keepalive: 60 });
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'pumps/+/event', qos: 1 }] });
    const sender = await floor.seat(pump());
    await floor.run(80_000);
    void sender.link.publish('pumps/LVP-0001/event', 'x', { qos: 1 });
    await floor.run(5_000);
    const messageId = client.packets.findLast(({ cmd }) => cmd === 'publish')?.messageId;
    client.send({ cmd: 'puback', messageId: messageId! });
    await floor.wire.settle();
    await floor.run(89_999);
    expect(client.socket.closed).toBe(false);
    await floor.run(1);
    expect(client.socket.closed).toBe(true);
  });

  test('half a packet is none', async () => {
    const client = await connectRaw(floor, pump(), { keepalive: 60 });
    await floor.run(80_000);
    client.socket.write(Buffer.from([0x30]));
    await floor.wire.settle();
    await floor.run(10_000);
    expect(client.socket.closed).toBe(true);
  });

  test.each([0, 65_535])(
    'of %i counts as the longest that there is, where `session-quota` is on',
    async (keepalive) => {
      const client = await connectRaw(floor, pump(), { keepalive });
      const longestMs = 1_500 * DEFAULT_LIMITS.longestKeepAliveS;
      await floor.run(longestMs - 1);
      expect(client.socket.closed).toBe(false);
      await floor.run(1);
      expect(client.socket.closed).toBe(true);
      expect(floor.evidence.findLast(({ outcome }) => outcome === 'denied')).toMatchObject({
        event: 'session.shed',
        control: 'session-quota',
        cause: expect.stringMatching(/^keep-alive: /),
      });
    },
  );

  test('of 0 is none where it is off', async () => {
    await floor.stop();
    floor = await openFloor({ without: ['session-quota'] });
    const client = await connectRaw(floor, pump(), { keepalive: 0 });
    await floor.run(86_400_000);
    expect(client.socket.closed).toBe(false);
  });

  test('runs on nothing but the Clock: no timer of the host waits for it', async () => {
    const setting = vi.spyOn(globalThis, 'setTimeout');
    await connectRaw(floor, pump(), { keepalive: 60 });
    const delaysMs = setting.mock.calls.map(([, delayMs]) => delayMs);
    setting.mockRestore();
    expect(delaysMs.length).toBeGreaterThan(0); // Aedes sets some, far away
    expect(
      delaysMs.filter((delayMs) => delayMs !== undefined && delayMs > 1_000 && delayMs < 86_400_000),
    ).toEqual([]);
  });

  test('of a client of ours is kept: it pings on the Clock, day and night', async () => {
    const seat = await floor.seat(pump(), { keepAliveS: 60 });
    await floor.run(86_400_000);
    expect(seat.closed).toEqual([]);
    expect(floor.broker.counts().clients).toBe(1);
  });

  test('of a client of ours that only takes filters back is kept as well', async () => {
    const seat = await floor.seat(pump(), { keepAliveS: 60 });
    expect(await subscribe(floor, seat, 'pumps/LVP-0001/command')).toEqual([true]);
    await floor.run(600_000);
    expect(seat.closed).toEqual([]);
  });
});

test('a connection that says nothing after its handshake ends after 10 s', async () => {
  const client = await openRaw(floor, pump());
  await floor.run(9_999);
  expect(client.socket.closed).toBe(false);
  await floor.run(1);
  expect(client.socket.closed).toBe(true);
  expect(floor.evidence.findLast(({ event }) => event === 'session.refused')).toMatchObject({
    outcome: 'denied',
    control: 'session-quota',
    cause: 'connect-time: CONNECT did not come in time',
    subject: 'urn:pumprange:pump:LVP-0001',
  });
  expect(floor.broker.counts()).toMatchObject({ clients: 0, denied: 1 });
});

test('a connection that does not begin its handshake ends after 10 s', async () => {
  const socket = connect(floor.broker.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  // Not one of ours, so nothing tells when the broker has it: its timer does.
  while (floor.clock.nextDueMs() === undefined) await new Promise((resolve) => setImmediate(resolve));
  await floor.run(9_999);
  expect(floor.evidence.some(({ event }) => event === 'session.refused')).toBe(false);
  await floor.run(1);
  await closed;
  expect(floor.evidence.findLast(({ event }) => event === 'session.refused')?.cause).toMatch(
    /handshake took too long/,
  );
  expect(floor.broker.counts().denied).toBe(1);
});

test('a session that stands leaves no timer of the handshake or of CONNECT behind: the next is that of its keep-alive', async () => {
  await connectRaw(floor, pump(), { keepalive: 0 });
  expect(floor.clock.nextDueMs()).toBe(floor.clock.now() + 1.5 * DEFAULT_LIMITS.longestKeepAliveS * 1_000);
});
