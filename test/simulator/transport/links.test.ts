import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { HeapClock, unsettled } from '../../../clock/index.ts';
import { DialRefusedError } from '../../../protocol/index.ts';
import { openMqtt, openSocket } from '../../../simulator/transport/index.ts';
import { type Floor, observer, openFloor, pump, station, subscribe } from '../../helpers/floor.ts';

let floor: Floor | undefined;
const listeners: Server[] = [];
const accepted: Socket[] = [];
afterEach(async () => {
  await floor?.stop();
  floor = undefined;
  for (const socket of accepted.splice(0)) socket.destroy();
  await Promise.all(listeners.splice(0).map((one) => new Promise((resolve) => one.close(resolve))));
});

const aTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Takes connections and says nothing. */
async function mute(): Promise<number> {
  const listener = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    accepted.push(socket);
  });
  listeners.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const dialMute = (clock: HeapClock, port: number, listener: 'tls' | 'plaintext') =>
  openSocket({
    clock,
    settling: unsettled,
    endpoint: { host: '127.0.0.1', port, listener },
    controls: new Set(),
  });

describe('a connection', () => {
  test.each(['192.0.2.1', 'example.org', '0.0.0.0', '::ffff:192.0.2.1'])(
    'to %s is beyond the guardrail',
    async (host) => {
      const attempt = async () =>
        openSocket({
          clock: new HeapClock(0),
          settling: unsettled,
          endpoint: { host, port: 1, listener: 'tls' },
          controls: new Set(),
        });
      await expect(attempt()).rejects.toMatchObject({ code: 'PR_GUARDRAIL' });
    },
  );

  test('to where nobody listens is refused', async () => {
    const port = await mute();
    await new Promise((resolve) => listeners.pop()!.close(resolve));
    const clock = new HeapClock(0);
    await expect(dialMute(clock, port, 'tls')).rejects.toThrow(DialRefusedError);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  test('whose handshake does not end is given up after 10 s of the Clock', async () => {
    const clock = new HeapClock(0);
    const opening = dialMute(clock, await mute(), 'tls');
    opening.catch(() => undefined);
    while (accepted.length === 0) await aTurn();
    expect(clock.nextDueMs()).toBe(10_000);
    clock.runTo(10_000);
    await expect(opening).rejects.toMatchObject({ reason: 'the handshake took too long' });
  });
});

describe('an MQTT session', () => {
  test('whose CONNACK does not come is given up after 10 s of the Clock', async () => {
    const clock = new HeapClock(0);
    const socket = await dialMute(clock, await mute(), 'plaintext');
    const closed: string[] = [];
    const opening = openMqtt(
      socket,
      clock,
      { clientId: 'pump:LVP-0001', keepAliveS: 60 },
      { message: () => undefined, closed: (reason) => closed.push(reason) },
    );
    opening.catch(() => undefined);
    await aTurn();
    clock.runTo(9_999);
    await aTurn();
    expect(socket.destroyed).toBe(false);
    clock.runTo(10_000);
    await expect(opening).rejects.toMatchObject({ reason: 'no CONNACK came' });
    expect([socket.destroyed, closed, clock.nextDueMs()]).toEqual([true, [], undefined]);
  });

  test('on a connection that has closed already is refused, not waited for', async () => {
    const clock = new HeapClock(0);
    const socket = await dialMute(clock, await mute(), 'plaintext');
    socket.destroy();
    const opening = openMqtt(
      socket,
      clock,
      { clientId: 'x', keepAliveS: 0 },
      { message: () => undefined, closed: () => undefined },
    );
    await expect(opening).rejects.toThrow(DialRefusedError);
  });

  test('that is refused says why', async () => {
    floor = await openFloor();
    await expect(floor.seat(pump(), { clientId: 'pump:LVP-0002' })).rejects.toMatchObject({
      name: 'DialRefusedError',
      reason: expect.stringMatching(/identifier rejected/i),
    });
  });

  test('carries any bytes, whole and in order', async () => {
    floor = await openFloor();
    const watcher = await floor.seat(observer());
    await subscribe(floor, watcher, 'pumps/+/event');
    const sender = await floor.seat(pump());
    const sent = ['', 'é', '{"a":1}', 'x'.repeat(60_000)];
    const publishing = sent.map((payload) =>
      sender.link.publish('pumps/LVP-0001/event', payload, { qos: 1 }),
    );
    await floor.wire.settle();
    await Promise.all(publishing);
    expect(watcher.received.map(({ payload }) => payload)).toEqual(sent);
  });

  test('tells whether a filter was granted', async () => {
    floor = await openFloor();
    const seat = await floor.seat(pump());
    expect(await subscribe(floor, seat, 'pumps/LVP-0001/order', 'pumps/LVP-0002/order')).toEqual([
      true,
      false,
    ]);
  });

  test('that closes first rejects what was not acknowledged, and what is asked of it later', async () => {
    floor = await openFloor();
    const seat = await floor.seat(station());
    const outcome = (work: Promise<unknown>) =>
      work.then(
        () => 'done',
        () => 'rejected',
      );
    const denied = outcome(seat.link.publish('pumps/LVP-0001/telemetry', 'x', { qos: 1 }));
    await floor.wire.settle();
    expect(seat.closed.length).toBe(1);
    expect(await denied).toBe('rejected');
    expect(await outcome(seat.link.publish('pumps/LVP-0001/command', 'x', { qos: 1 }))).toBe('rejected');
    expect(await outcome(seat.link.publish('pumps/LVP-0001/command', 'x', { qos: 0 }))).toBe('rejected');
    expect(await seat.link.subscribe('pumps/+/status', 1)).toBe(false);
  });

  test.each(['end', 'cut'] as const)('%s closes it once, and says so once', async (how) => {
    floor = await openFloor();
    const seat = await floor.seat(pump(), { keepAliveS: 60 });
    seat.link[how]();
    await floor.wire.settle();
    seat.link.cut();
    seat.link.end();
    await floor.wire.settle();
    expect(seat.closed.length).toBe(1);
    expect([floor.broker.counts().clients, floor.clock.nextDueMs()]).toEqual([0, undefined]);
  });
});
