import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { findRetainedByName } from '../../broker/retained-by-name.ts';

interface Packet {
  topic: string;
  payload: string;
}

/** Keeps retained messages as Aedes does, and notes which filters it had to try them all against. */
function memory() {
  const retained = new Map<string, Packet>();
  const searched: string[] = [];
  return {
    searched,
    async storeRetained(packet: Packet) {
      if (packet.payload === '') retained.delete(packet.topic);
      else retained.set(packet.topic, { ...packet });
    },
    createRetainedStreamCombi(filters: readonly string[]) {
      searched.push(...filters);
      const matches = (filter: string, topic: string) =>
        new RegExp(`^${filter.replaceAll('+', '[^/]*').replace('#', '.*')}$`).test(topic);
      return Readable.from(
        filters.flatMap((filter) => [...retained.values()].filter(({ topic }) => matches(filter, topic))),
      );
    },
  };
}

const found = async (store: ReturnType<typeof memory>, ...filters: string[]) =>
  (await store.createRetainedStreamCombi(filters).toArray()).map(({ payload }: Packet) => payload);

test('a topic’s retained message is found by its name, the newest, once for each filter, and none where it was taken back', async () => {
  const store = memory();
  findRetainedByName(store);
  const passedOn = { topic: 'pumps/P1/status', payload: 'second' };
  await store.storeRetained({ topic: 'pumps/P1/status', payload: 'first' });
  await store.storeRetained(passedOn);
  passedOn.payload = 'changed on its way';
  await store.storeRetained({ topic: 'pumps/P2/status', payload: 'gone' });
  await store.storeRetained({ topic: 'pumps/P2/status', payload: '' });
  expect(await found(store, 'pumps/P1/status')).toEqual(['second']);
  expect(await found(store, 'pumps/P1/status', 'pumps/P1/status')).toEqual(['second', 'second']);
  expect(await found(store, 'pumps/P2/status')).toEqual([]);
  expect(await found(store, 'pumps/P1')).toEqual([]);
  expect(store.searched).toEqual([]);
});

test('a filter with wildcards is looked for among all, and so are names beside it', async () => {
  const store = memory();
  findRetainedByName(store);
  await store.storeRetained({ topic: 'pumps/P1/status', payload: 'one' });
  await store.storeRetained({ topic: 'pumps/P2/status', payload: 'two' });
  expect(await found(store, 'pumps/+/status')).toEqual(['one', 'two']);
  expect(await found(store, 'pumps/P2/status', 'pumps/#')).toEqual(['two', 'one', 'two']);
  expect(store.searched).toEqual(['pumps/+/status', 'pumps/P2/status', 'pumps/#']);
});

test('what is no persistence is said', () => {
  expect(() => findRetainedByName({ storeRetained: () => undefined })).toThrow(TypeError);
});
