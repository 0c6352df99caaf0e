import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Floor, observer, openFloor, pump, type Seat, subscribe } from '../helpers/floor.ts';
import { connectRaw } from '../helpers/raw-mqtt.ts';

const WILL = { topic: 'pumps/LVP-0001/status', payload: 'offline', retain: true };
const HEARD = [{ topic: WILL.topic, payload: 'offline', retained: false }];
const RAW_WILL = { topic: WILL.topic, payload: Buffer.from('offline'), qos: 1, retain: true } as const;

let floor: Floor;
let watcher: Seat;
beforeEach(async () => {
  floor = await openFloor();
  watcher = await floor.seat(observer(), { keepAliveS: 60 });
  await subscribe(floor, watcher, 'pumps/+/status');
});
afterEach(() => floor.stop());

test('a connection that is cut leaves its will, and it is retained', async () => {
  const seat = await floor.seat(pump(), { will: WILL });
  seat.link.cut();
  await floor.wire.settle();
  expect(watcher.received).toEqual(HEARD);
  const late = await floor.seat(observer('observer-02'));
  await subscribe(floor, late, 'pumps/+/status');
  expect(late.received).toEqual([{ ...HEARD[0], retained: true }]);
});

test('one that says goodbye leaves none', async () => {
  const seat = await floor.seat(pump(), { will: WILL });
  seat.link.end();
  await floor.wire.settle();
  expect(seat.closed.length).toBe(1);
  expect(watcher.received).toEqual([]);
});

test.each([0, 2])(
  'a session that falls silent leaves its will, with %i subscriptions',
  async (subscriptions) => {
    const client = await connectRaw(floor, pump(), { keepalive: 60, will: RAW_WILL });
    for (const [index, topic] of ['command', 'order'].slice(0, subscriptions).entries()) {
      client.send({
        cmd: 'subscribe',
        messageId: index + 1,
        subscriptions: [{ topic: `pumps/LVP-0001/${topic}`, qos: 1 }],
      });
    }
    await floor.wire.settle();
    await floor.run(90_000);
    expect(watcher.received).toEqual(HEARD);
  },
);

describe('a session whose certificate does not count any more leaves no will', () => {
  const expectNone = (seat: Seat, control: string): void => {
    expect(seat.closed.length).toBe(1);
    expect(watcher.received).toEqual([]);
    const told = floor.evidence.filter(({ outcome }) => outcome === 'denied');
    expect(told).toMatchObject([
      { event: 'session.dropped', control },
      { event: 'publish.denied', control, object: WILL.topic },
    ]);
    expect(floor.broker.counts()).toMatchObject({ clients: 1, denied: 2 });
  };

  test.each([[[]], [['pumps/LVP-0001/command']]])('revoked, subscribed to %j', async (filters) => {
    const seat = await floor.seat(pump(), { will: WILL });
    await subscribe(floor, seat, ...filters);
    floor.pki.revoke(pump(), 'keyCompromise');
    await floor.wire.settle();
    expectNone(seat, 'certificate-revocation');
  });

  test('expired, at the first millisecond that it is', async () => {
    const credential = floor.pki.issue({ identity: pump(), lifetimeMs: 3_600_000 });
    const seat = await floor.seat(pump(), { will: WILL, credential, keepAliveS: 60 });
    await floor.run(credential.notAfterMs - floor.clock.now());
    expect(seat.closed).toEqual([]);
    await floor.run(1);
    expectNone(seat, 'mutual-tls');
  });
});

test('a session that is closed for a denied publication leaves its will', async () => {
  const seat = await floor.seat(pump(), { will: WILL });
  seat.link.publish('pumps/LVP-0002/status', 'x', { qos: 1 }).catch(() => undefined);
  await floor.wire.settle();
  expect(seat.closed.length).toBe(1);
  expect(watcher.received).toEqual(HEARD);
});

test.each([
  ['on another’s topic', { ...WILL, topic: 'pumps/LVP-0002/status' }, 'topic-authorization'],
  ['on its own command topic', { ...WILL, topic: 'pumps/LVP-0001/command' }, 'topic-authorization'],
  ['that is retained where nothing is', { ...WILL, topic: 'pumps/LVP-0001/telemetry' }, 'retained-guard'],
])('a will %s is refused at CONNECT', async (_, will, control) => {
  await expect(floor.seat(pump(), { will })).rejects.toThrow();
  expect(floor.evidence.findLast(({ outcome }) => outcome === 'denied')).toMatchObject({
    event: 'publish.denied',
    control,
    object: will.topic,
  });
  await floor.wire.settle();
  expect(watcher.received).toEqual([]);
  expect(floor.broker.connected()).toEqual([observer()]);
});
