import { describe, expect, test } from 'vitest';
import { HeapClock, type Random, seededRandom } from '../../../clock/index.ts';
import { type Dial, DialRefusedError, type Link, type LinkHandlers } from '../../../protocol/index.ts';
import { keepConnected } from '../../../simulator/transport/index.ts';

/** A broker that is asked, and answers when the test says so. */
function setUp(random: Random = seededRandom(1)) {
  const clock = new HeapClock(0);
  const said: string[] = [];
  const attempts: {
    atMs: number;
    accept: () => Promise<LinkHandlers>;
    refuse: (reason: string) => Promise<void>;
  }[] = [];
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const dial: Dial = (_options, handlers) =>
    new Promise((resolve, reject) => {
      attempts.push({
        atMs: clock.now(),
        accept: async () => {
          const link: Link = {
            publish: () => Promise.resolve(),
            subscribe: () => Promise.resolve(true),
            end: () => said.push('link ended'),
            cut: () => said.push('link cut'),
          };
          resolve(link);
          await settle();
          return handlers;
        },
        refuse: async (reason) => {
          reject(new DialRefusedError(reason));
          await settle();
        },
      });
    });
  const kept = keepConnected(dial, clock, random, {
    options: () => ({ clientId: 'pump:LVP-0001', keepAliveS: 60 }),
    connecting: () => said.push('connecting'),
    online: () => said.push('online'),
    offline: (reason) => said.push(`offline: ${reason}`),
    message: (topic) => said.push(topic),
  });
  return { clock, said, attempts, kept };
}

/** No jitter: what lies in the middle of every range. */
const middle: Random = { ...seededRandom(1), between: (from, to) => (from + to) / 2 };

describe('dialling again', () => {
  test('waits twice as long each time, up to a minute', async () => {
    const { clock, attempts } = setUp(middle);
    const waitsMs: number[] = [];
    for (let index = 0; index < 10; index++) {
      const endedMs = clock.now();
      await attempts[index]!.refuse('nobody there');
      clock.fireInstant();
      waitsMs.push(clock.now() - endedMs);
      expect(attempts.length).toBe(index + 2);
    }
    expect(waitsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000]);
  });

  test('begins anew after a session that stood', async () => {
    const { clock, attempts, said } = setUp(middle);
    for (let index = 0; index < 4; index++) {
      await attempts[index]!.refuse('no');
      clock.fireInstant();
    }
    const handlers = await attempts[4]!.accept();
    clock.runTo(100_000);
    handlers.closed('the connection closed');
    expect(clock.nextDueMs()).toBe(101_000);
    expect(said.slice(-3)).toEqual(['connecting', 'online', 'offline: the connection closed']);
  });

  test('spreads a fleet: no two wait alike, and none by more than a fifth', async () => {
    const waitsMs: number[] = [];
    for (let seed = 0; seed < 100; seed++) {
      const { clock, attempts } = setUp(seededRandom(seed));
      await attempts[0]!.refuse('no');
      waitsMs.push(clock.nextDueMs()!);
    }
    expect(new Set(waitsMs).size).toBeGreaterThan(95);
    expect(Math.min(...waitsMs)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...waitsMs)).toBeLessThanOrEqual(1_200);
    expect(Math.max(...waitsMs) - Math.min(...waitsMs)).toBeGreaterThan(200);
  });
});

describe('ending', () => {
  test.each(['end', 'cut'] as const)(
    '%s while a session stands closes it, and no attempt follows',
    async (how) => {
      const { clock, attempts, said, kept } = setUp();
      const handlers = await attempts[0]!.accept();
      expect(kept.link()).toBeDefined();
      kept[how]();
      handlers.closed('closed');
      expect(said).toEqual(['connecting', 'online', how === 'end' ? 'link ended' : 'link cut']);
      expect([kept.link(), clock.nextDueMs(), attempts.length]).toEqual([undefined, undefined, 1]);
    },
  );

  test('while it waits ends the waiting', async () => {
    const { clock, attempts, kept } = setUp();
    await attempts[0]!.refuse('no');
    kept.end();
    expect(clock.nextDueMs()).toBeUndefined();
    expect(attempts.length).toBe(1);
  });

  test('while it dials, a session that comes of it is closed and nobody hears of it', async () => {
    const { attempts, said, kept } = setUp();
    kept.end();
    const handlers = await attempts[0]!.accept();
    handlers.message('x', Buffer.alloc(0), false);
    expect(said).toEqual(['connecting', 'link ended']);
    expect(kept.link()).toBeUndefined();
  });
});

describe('renewing', () => {
  test('says goodbye to the session, and dials again at once', async () => {
    const { clock, attempts, said, kept } = setUp();
    const session = await attempts[0]!.accept();
    kept.renew();
    expect(said).toEqual(['connecting', 'online', 'link ended']);
    session.closed('the connection closed');
    clock.runTo(clock.now());
    expect(said.slice(3)).toEqual(['offline: the connection closed', 'connecting']);
    expect(attempts.map(({ atMs }) => atMs)).toEqual([0, 0]);
    await attempts[1]!.accept();
    expect(said.at(-1)).toBe('online');
  });

  test('while it waits ends the waiting', async () => {
    const { clock, attempts, kept } = setUp();
    await attempts[0]!.refuse('no certificate');
    kept.renew();
    clock.runTo(clock.now());
    expect(attempts.map(({ atMs }) => atMs)).toEqual([0, 0]);
    // The timer that was set is gone.
    await attempts[1]!.accept();
    clock.runTo(120_000);
    expect(attempts).toHaveLength(2);
  });

  test('while it dials, what comes of it is ended and dialled again: it showed the old certificate', async () => {
    const { clock, attempts, said, kept } = setUp();
    kept.renew();
    const session = await attempts[0]!.accept();
    expect(said).toEqual(['connecting', 'link ended']);
    session.closed('the connection closed');
    clock.runTo(clock.now());
    await attempts[1]!.accept();
    expect(said.slice(2)).toEqual(['offline: the connection closed', 'connecting', 'online']);
  });

  test('after the end does nothing', async () => {
    const { clock, attempts, kept } = setUp();
    kept.end();
    kept.renew();
    clock.runTo(120_000);
    expect(attempts).toHaveLength(1);
  });
});
