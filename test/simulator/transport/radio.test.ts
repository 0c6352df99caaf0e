import { expect, it } from 'vitest';
import type { Dial, Link, LinkHandlers } from '../../../protocol/index.ts';
import { Radio } from '../../../simulator/transport/index.ts';

/** A network whose sessions are told when they are cut, as a socket tells. */
function network() {
  const opened: LinkHandlers[] = [];
  const cuts: number[] = [];
  let hold: Promise<void> | undefined;
  const dial: Dial = async (_, handlers) => {
    await hold;
    const index = opened.push(handlers) - 1;
    const link: Link = {
      publish: async () => undefined,
      subscribe: async () => true,
      end: () => handlers.closed('ended'),
      cut: () => {
        cuts.push(index);
        handlers.closed('cut');
      },
    };
    return link;
  };
  return { dial, opened, cuts, holdUntil: (promise: Promise<void>) => (hold = promise) };
}

const OPTIONS = { clientId: 'pump:LVP-0001', keepAliveS: 60 };

it('a network that goes takes the session with it, and lets none up until it is back', async () => {
  const { dial, cuts } = network();
  const radio = new Radio();
  const closed: string[] = [];
  const handlers = { message: () => undefined, closed: (reason: string) => void closed.push(reason) };
  await radio.over(dial)(OPTIONS, handlers);
  radio.cut();
  expect(closed).toEqual(['cut']);
  await expect(radio.over(dial)(OPTIONS, handlers)).rejects.toThrow('there is no network');
  radio.restore();
  await radio.over(dial)(OPTIONS, handlers);
  // The first session is over: it is not cut again.
  radio.cut();
  expect(cuts).toEqual([0, 1]);
});

it('a session that comes up while the network goes breaks off', async () => {
  const { dial, cuts, holdUntil } = network();
  const radio = new Radio();
  let go = (): void => undefined;
  holdUntil(
    new Promise((resolve) => {
      go = resolve;
    }),
  );
  const dialled = radio.over(dial)(OPTIONS, { message: () => undefined, closed: () => undefined });
  radio.cut();
  go();
  await dialled;
  expect(cuts).toEqual([0]);
});

it('a network that goes in the middle lets through what still fits, and nothing behind it', async () => {
  const { dial, opened, cuts } = network();
  const radio = new Radio();
  const heard: string[] = [];
  const handlers = { message: (topic: string) => void heard.push(topic), closed: () => undefined };
  await radio.over(dial)(OPTIONS, handlers);
  radio.cutAfter(10);
  for (const topic of ['first', 'second']) opened[0]!.message(topic, Buffer.alloc(5), false);
  expect([heard, cuts]).toEqual([['first', 'second'], []]);
  for (const topic of ['third', 'fourth']) opened[0]!.message(topic, Buffer.alloc(1), false);
  expect([heard, cuts]).toEqual([['first', 'second'], [0]]);
  radio.restore();
  await radio.over(dial)(OPTIONS, handlers);
  opened[1]!.message('fifth', Buffer.alloc(50), false);
  expect(heard.at(-1)).toBe('fifth');
});
