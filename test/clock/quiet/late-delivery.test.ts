import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Floor, linger, observer, openFloor, pump, type Seat, subscribe } from '../../helpers/floor.ts';

/**
 * What `settle` promises: nothing of what was set off before it comes after it. Every test here counts what is there
 * when it resolves, waits for real turns and real time, and counts again.
 */

let floor: Floor;
beforeEach(async () => {
  // A pump that sends megabytes at once would be stopped.
  floor = await openFloor({ without: ['rate-limit'] });
});
afterEach(() => floor.stop());

const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);

test('1,500 deliveries through TLS, one publication a settle, are there when it resolves', async () => {
  const seats: Seat[] = [];
  for (const id of ['observer-01', 'observer-02', 'observer-03']) seats.push(await floor.seat(observer(id)));
  for (const seat of seats) await subscribe(floor, seat, 'pumps/+/telemetry');
  const sender = await floor.seat(pump());

  let late = 0;
  for (let number = 0; number < 500; number++) {
    floor.clock.after(1_000, () =>
      quietly(
        sender.link.publish('pumps/LVP-0001/telemetry', String(number), { qos: number % 2 === 0 ? 0 : 1 }),
      ),
    );
    await floor.run(1_000);
    for (const seat of seats) if (seat.received.length !== number + 1) late += 1;
  }
  expect(late).toBe(0);
  for (const { received } of seats) {
    expect(received.map(({ payload }) => payload)).toEqual(Array.from({ length: 500 }, (_, n) => String(n)));
  }
});

test('a burst of 1,200 at one instant is there, in order', async () => {
  const seat = await floor.seat(observer());
  await subscribe(floor, seat, 'pumps/+/telemetry');
  const sender = await floor.seat(pump());
  floor.clock.after(1_000, () => {
    for (let number = 0; number < 1_200; number++) {
      quietly(sender.link.publish('pumps/LVP-0001/telemetry', String(number), { qos: 0 }));
    }
  });
  await floor.run(1_000);
  const settled = seat.received.length;
  await linger();
  expect([settled, seat.received.length]).toEqual([1_200, 1_200]);
  expect(seat.received.map(({ payload }) => payload)).toEqual(
    Array.from({ length: 1_200 }, (_, n) => String(n)),
  );
});

test('payloads larger than any socket buffer are there', async () => {
  const seat = await floor.seat(observer());
  await subscribe(floor, seat, 'pumps/+/telemetry');
  const sender = await floor.seat(pump());
  const payload = 'x'.repeat(6_000_000);
  for (let number = 1; number <= 3; number++) {
    floor.clock.after(1_000, () =>
      quietly(sender.link.publish('pumps/LVP-0001/telemetry', payload, { qos: 1 })),
    );
    await floor.run(1_000);
    expect(seat.received.length).toBe(number);
  }
  expect(seat.received.every((message) => message.payload.length === payload.length)).toBe(true);
});

test('a retained message is there when the subscription has settled', async () => {
  const sender = await floor.seat(pump());
  quietly(sender.link.publish('pumps/LVP-0001/status', 'online', { qos: 1, retain: true }));
  await floor.wire.settle();
  for (let round = 1; round <= 30; round++) {
    const seat = await floor.seat(observer(), { clientId: `observer:observer-01/${round}` });
    quietly(seat.link.subscribe('pumps/+/status', 1));
    await floor.wire.settle();
    expect(seat.received).toEqual([{ topic: 'pumps/LVP-0001/status', payload: 'online', retained: true }]);
  }
});

test('forty retained messages are there when the subscription has settled', async () => {
  const topics = Array.from({ length: 40 }, (_, index) => `pumps/LVP-${index}/status`);
  for (const [index, topic] of topics.entries()) {
    const sender = await floor.seat(pump(`LVP-${index}`));
    quietly(sender.link.publish(topic, 'online', { qos: 1, retain: true }));
    await floor.wire.settle();
  }
  const seat = await floor.seat(observer());
  quietly(seat.link.subscribe('pumps/+/status', 1));
  await floor.wire.settle();
  expect(seat.received.map(({ topic }) => topic).sort()).toEqual(topics.sort());
});

test('a will is there when the loss of its session has settled', async () => {
  const seat = await floor.seat(observer());
  await subscribe(floor, seat, 'pumps/+/status');
  const will = { topic: 'pumps/LVP-0001/status', payload: 'offline', retain: true };
  for (let round = 1; round <= 30; round++) {
    const mortal = await floor.seat(pump(), { will });
    floor.clock.after(1_000, () => mortal.link.cut());
    await floor.run(1_000);
    expect(seat.received.length).toBe(round);
    expect(floor.broker.connected()).toEqual([observer()]);
  }
});

test('a denied publication has closed both ends when it settles', async () => {
  for (let round = 1; round <= 30; round++) {
    const sender = await floor.seat(pump());
    floor.clock.after(1_000, () => quietly(sender.link.publish('pumps/LVP-0001/command', 'no', { qos: 1 })));
    await floor.run(1_000);
    expect(sender.closed.length).toBe(1);
    expect(floor.broker.counts().clients).toBe(0);
    expect(floor.broker.counts().denied).toBe(round);
  }
});

test('a session that another one takes over is closed when the other stands', async () => {
  let last = await floor.seat(pump());
  for (let round = 1; round <= 30; round++) {
    const next = await floor.seat(pump());
    expect(last.closed.length).toBe(1);
    expect(next.closed).toEqual([]);
    expect(floor.broker.counts().clients).toBe(1);
    last = next;
  }
});
