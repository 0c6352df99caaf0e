import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HeapClock, seededRandom } from '../../../clock/index.ts';
import { type DialOptions, filterMatches, type Link } from '../../../protocol/index.ts';
import { keepConnected, MemoryBroker } from '../../../simulator/transport/index.ts';
import { SubscriptionTree } from '../../../simulator/transport/subscription-tree.ts';
import { openFloor, pump, observer as watching } from '../../helpers/floor.ts';

interface Seat {
  readonly link: Link;
  readonly received: [topic: string, payload: string, retained: boolean][];
  readonly closed: string[];
}

/** What the contract needs of a transport: two pumps and an observer, and a wire that settles. */
interface Bench {
  seat(who: 'LVP-0001' | 'LVP-0002' | 'observer', will?: DialOptions['will']): Promise<Seat>;
  settle(): Promise<void>;
  stop(): Promise<void>;
}

async function onSockets(): Promise<Bench> {
  const floor = await openFloor();
  return {
    settle: () => floor.wire.settle(),
    stop: () => floor.stop(),
    async seat(who, will) {
      const identity = who === 'observer' ? watching() : pump(who);
      const { link, closed, received } = await floor.seat(identity, will && { will });
      return {
        link,
        closed,
        get received(): Seat['received'] {
          return received.map((one) => [one.topic, one.payload, one.retained]);
        },
      };
    },
  };
}

async function inMemory(broker = new MemoryBroker()): Promise<Bench> {
  return {
    settle: () => broker.settle(),
    stop: async () => undefined,
    async seat(clientId, will) {
      const received: Seat['received'] = [];
      const closed: string[] = [];
      const link = await broker.dial(
        { clientId, keepAliveS: 0, ...(will && { will }) },
        {
          message: (topic, payload, retained) => received.push([topic, payload.toString(), retained]),
          closed: (reason) => closed.push(reason),
        },
      );
      await broker.settle();
      return { link, received, closed };
    },
  };
}

const QOS = [{ qos: 0 }, { qos: 1 }] as const;
const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    () => 'rejected',
  );

describe.each([
  ['on sockets', onSockets],
  ['in memory', inMemory],
])('a session %s', (_where, open) => {
  test('carries any bytes, whole and in order', async () => {
    const bench = await open();
    const [sender, observer] = [await bench.seat('LVP-0001'), await bench.seat('observer')];
    const granted = observer.link.subscribe('pumps/+/event', 1);
    await bench.settle();
    expect(await granted).toBe(true);
    const sent = ['', 'é', '{"a":1}', 'x'.repeat(60_000)];
    const publishing = sent.map((payload) =>
      sender.link.publish('pumps/LVP-0001/event', payload, { qos: 1 }),
    );
    await bench.settle();
    await Promise.all(publishing);
    expect(observer.received.map(([, payload]) => payload)).toEqual(sent);
    await bench.stop();
  });

  test('is given what was retained, and what is new as new', async () => {
    const bench = await open();
    const sender = await bench.seat('LVP-0001');
    void sender.link.publish('pumps/LVP-0001/status', 'old', { qos: 1, retain: true });
    void sender.link.publish('pumps/LVP-0001/alarm', 'not kept', { qos: 1 });
    await bench.settle();
    const observer = await bench.seat('observer');
    void observer.link.subscribe('pumps/+/status', 1);
    void observer.link.subscribe('pumps/+/alarm', 1);
    await bench.settle();
    void sender.link.publish('pumps/LVP-0001/status', 'new', { qos: 1, retain: true });
    await bench.settle();
    expect(observer.received).toEqual([
      ['pumps/LVP-0001/status', 'old', true],
      ['pumps/LVP-0001/status', 'new', false],
    ]);
    await bench.stop();
  });

  test.each([
    ['cut', [['pumps/LVP-0001/status', 'gone', false]]],
    ['end', []],
  ] as const)('that ends with `%s` leaves its will or not', async (how, heard) => {
    const bench = await open();
    const observer = await bench.seat('observer');
    void observer.link.subscribe('pumps/+/status', 1);
    await bench.settle();
    const sender = await bench.seat('LVP-0001', {
      topic: 'pumps/LVP-0001/status',
      payload: 'gone',
      retain: true,
    });
    sender.link[how]();
    await bench.settle();
    sender.link.cut();
    sender.link.end();
    await bench.settle();
    expect(observer.received).toEqual(heard);
    expect(sender.closed).toHaveLength(1);
    await bench.stop();
  });

  test('that has closed rejects what is asked of it', async () => {
    const bench = await open();
    const seat = await bench.seat('LVP-0001');
    seat.link.cut();
    await bench.settle();
    for (const options of QOS) {
      expect(await outcome(seat.link.publish('pumps/LVP-0001/event', 'x', options))).toBe('rejected');
    }
    expect(await seat.link.subscribe('pumps/LVP-0001/command', 1)).toBe(false);
    await bench.stop();
  });

  test('hears of what it said itself, and once where two filters take it in', async () => {
    const bench = await open();
    const observer = await bench.seat('observer');
    const sender = await bench.seat('LVP-0001');
    void observer.link.subscribe('pumps/+/alarm', 1);
    void observer.link.subscribe('pumps/LVP-0001/alarm', 1);
    await bench.settle();
    for (const options of QOS) void sender.link.publish('pumps/LVP-0001/alarm', 'x', options);
    await bench.settle();
    expect(observer.received).toHaveLength(2);
    await bench.stop();
  });
});

describe('a broker in memory', () => {
  test('takes a session over when its client id comes again, and speaks its will', async () => {
    const bench = await inMemory();
    const observer = await bench.seat('observer');
    void observer.link.subscribe('#', 1);
    const first = await bench.seat('LVP-0001', { topic: 'will', payload: 'first', retain: false });
    await bench.seat('LVP-0001');
    expect(first.closed).toEqual(['taken over']);
    expect(observer.received).toEqual([['will', 'first', false]]);
  });

  test('delivers before the outermost publication returns, and never within another delivery', async () => {
    const broker = new MemoryBroker();
    const order: string[] = [];
    const echo = await broker.dial(
      { clientId: 'echo', keepAliveS: 0 },
      {
        message: (topic, payload) => {
          order.push(`begin ${topic}`);
          if (topic === 'ask') void echo.publish('answer', payload, { qos: 1 });
          order.push(`end ${topic}`);
        },
        closed: () => undefined,
      },
    );
    void echo.subscribe('+', 1);
    void echo.publish('ask', 'x', { qos: 0 });
    expect(order).toEqual(['begin ask', 'end ask', 'begin answer', 'end answer']);
  });

  test('keeps bytes as they were when they were published', async () => {
    const bench = await inMemory();
    const [sender, observer] = [await bench.seat('LVP-0001'), await bench.seat('observer')];
    const bytes = new Uint8Array([97]);
    void sender.link.publish('kept', bytes, { qos: 0, retain: true });
    bytes[0] = 98;
    void observer.link.subscribe('kept', 1);
    expect(observer.received).toEqual([['kept', 'a', true]]);
    void sender.link.publish('kept', '', { qos: 0, retain: true });
    const late = await bench.seat('LVP-0002');
    void late.link.subscribe('kept', 1);
    expect(late.received).toEqual([]);
  });

  test('closes a session that publishes to a wildcard', async () => {
    const bench = await inMemory();
    const seat = await bench.seat('LVP-0001');
    expect(await outcome(seat.link.publish('pumps/+/event', 'x', { qos: 0 }))).toBe('rejected');
    expect(seat.closed).toHaveLength(1);
  });

  test('that goes down takes all sessions along, and refuses new ones until it comes up', async () => {
    const broker = new MemoryBroker();
    const clock = new HeapClock(0);
    const states: string[] = [];
    const connection = keepConnected(broker.dial, clock, seededRandom(1), {
      options: () => ({ clientId: 'x', keepAliveS: 0 }),
      online: () => states.push('online'),
      offline: (reason) => states.push(reason),
      message: () => undefined,
    });
    await broker.settle();
    broker.goDown();
    expect(broker.clients).toBe(0);
    clock.fireInstant();
    expect(broker.isQuiet).toBe(false);
    await broker.settle();
    broker.comeUp();
    clock.fireInstant();
    await broker.settle();
    expect(states).toEqual(['online', 'the broker went down', 'the broker is down', 'online']);
    expect(broker.isQuiet).toBe(true);
    connection.end();
    expect(broker.clients).toBe(0);
  });

  test('finds who has subscribed as the protocol matches filters, also after some have left', () => {
    const level = fc.constantFrom('a', 'b', '$a', '');
    const name = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
    const filter = fc
      .tuple(
        fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('', '/#'),
      )
      .map(([levels, rest]) => levels.join('/') + rest);
    const anyFilter = fc.oneof(filter, fc.constant('#'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyFilter, fc.boolean()), { maxLength: 8 }),
        fc.array(name, { minLength: 1, maxLength: 5 }),
        (filters, names) => {
          const tree = new SubscriptionTree<number>();
          for (const [index, [one]] of filters.entries()) tree.add(one, index);
          for (const [index, [one, leaves]] of filters.entries()) if (leaves) tree.remove(one, index);
          for (const topic of names) {
            const wanted = filters.flatMap(([one, left], index) =>
              !left && filterMatches(one, topic) ? [index] : [],
            );
            expect([...tree.matching(topic)].sort((a, b) => a - b)).toEqual(wanted);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
