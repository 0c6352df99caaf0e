import { generateKeyPairSync, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { CompactSign } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Floor, linger, openFloor, pump, server, station, subscribe } from '../../helpers/floor.ts';

let floor: Floor;
beforeEach(async () => {
  // A pump that sends half a megabyte at once would be stopped.
  floor = await openFloor({ without: ['rate-limit'] });
});
afterEach(() => floor.stop());

const quietly = (work: Promise<unknown>): void => void work.catch(() => undefined);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('a reaction to a reaction to a reaction comes within one settle, at one instant', async () => {
  // The pump tells; the server answers with a receipt; the pump acknowledges; the station commands.
  const pumpSeat = await floor.seat(pump(), {
    onMessage: ({ topic }, { link }) => {
      if (topic.endsWith('/receipt')) quietly(link.publish('pumps/LVP-0001/ack', 'ack', { qos: 1 }));
    },
  });
  const serverSeat = await floor.seat(server(), {
    onMessage: (_, { link }) => quietly(link.publish('pumps/LVP-0001/receipt', 'receipt', { qos: 1 })),
  });
  const commandedAtMs: number[] = [];
  const stationSeat = await floor.seat(station(), {
    onMessage: (_, { link }) => {
      commandedAtMs.push(floor.clock.now());
      quietly(link.publish('pumps/LVP-0001/command', 'command', { qos: 1 }));
    },
  });
  expect(await subscribe(floor, pumpSeat, 'pumps/LVP-0001/receipt', 'pumps/LVP-0001/command')).toEqual([
    true,
    true,
  ]);
  expect(await subscribe(floor, serverSeat, 'pumps/+/event')).toEqual([true]);
  expect(await subscribe(floor, stationSeat, 'pumps/+/ack')).toEqual([true]);

  const startMs = floor.clock.now();
  for (let round = 1; round <= 100; round++) {
    floor.clock.after(1_000, () =>
      quietly(pumpSeat.link.publish('pumps/LVP-0001/event', 'event', { qos: 1 })),
    );
    await floor.run(1_000);
    expect(pumpSeat.received.length).toBe(2 * round);
  }
  expect(commandedAtMs).toEqual(Array.from({ length: 100 }, (_, index) => startMs + (index + 1) * 1_000));
  await linger();
  expect(pumpSeat.received.length).toBe(200);
});

test('work on the thread pool comes back in the order in which it was begun, whatever order it ends in', async () => {
  const signed = promisify(sign);
  for (let round = 0; round < 10; round++) {
    const released: number[] = [];
    const ended: number[] = [];
    for (let number = 0; number < 24; number++) {
      // The first ones are the longest.
      const bytes = Buffer.alloc((24 - number) * 50_000, number);
      floor.wire
        .hold(`signature ${number}`, async () => {
          await (number % 3 === 0
            ? new CompactSign(bytes.subarray(0, 100_000))
                .setProtectedHeader({ alg: 'ES256' })
                .sign(privateKey)
            : signed('sha256', bytes, privateKey));
          ended.push(number);
        })
        .then(() => released.push(number));
    }
    expect(released).toEqual([]);
    await floor.wire.settle();
    expect(released).toEqual(Array.from({ length: 24 }, (_, number) => number));
    expect(ended.length).toBe(24);
  }
});

test('work that has ended is not given back while bytes are under way, and one at a time', async () => {
  const seat = await floor.seat(station());
  await subscribe(floor, seat, 'pumps/+/event');
  const sender = await floor.seat(pump());
  const seen: string[] = [];
  for (let number = 0; number < 40; number++) {
    floor.wire
      .hold(`work ${number}`, () => Promise.resolve())
      .then(() => {
        // Whatever an earlier release set off has arrived before the next one.
        seen.push(`${number}: ${seat.received.length}`);
        quietly(sender.link.publish('pumps/LVP-0001/event', String(number), { qos: 1 }));
      });
  }
  quietly(sender.link.publish('pumps/LVP-0001/event', 'x'.repeat(500_000), { qos: 1 }));
  await floor.wire.settle();
  expect(seen).toEqual(Array.from({ length: 40 }, (_, number) => `${number}: ${number + 1}`));
  expect(seat.received.length).toBe(41);
});

test('work that begins while other work is given back is waited for as well', async () => {
  const order: string[] = [];
  const deeper = async (depth: number): Promise<void> => {
    await floor.wire.hold(`depth ${depth}`, () =>
      new CompactSign(Buffer.from('x')).setProtectedHeader({ alg: 'ES256' }).sign(privateKey),
    );
    order.push(`depth ${depth}`);
    if (depth < 10) await deeper(depth + 1);
  };
  quietly(deeper(1));
  await floor.wire.settle();
  expect(order.length).toBe(10);
});

test('work that fails gives its failure back in its turn', async () => {
  const order: string[] = [];
  const one = floor.wire.hold('fails', () => Promise.reject(new Error('disk full')));
  const two = floor.wire.hold('throws', () => {
    throw new Error('at once');
  });
  const three = floor.wire.hold('succeeds', () => Promise.resolve('three'));
  for (const work of [one, two, three]) {
    work.then((value) => order.push(String(value))).catch((error: Error) => order.push(error.message));
  }
  await floor.wire.settle();
  await linger(5);
  expect(order).toEqual(['disk full', 'at once', 'three']);
});

test('work that is under way when time goes live is not lost', async () => {
  let end: (() => void) | undefined;
  const held = floor.wire.hold('under way', () => new Promise<void>((resolve) => (end = resolve)));
  floor.wire.goLive();
  end?.();
  await held;
  await expect(
    floor.wire.hold('throws', () => {
      throw new Error('at once');
    }),
  ).rejects.toThrow('at once');
});
