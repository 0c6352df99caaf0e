import { Aedes } from 'aedes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { asPersistence, type Holder, type Persistence } from '../../broker/store/persistence.ts';
import { KeptReaders } from '../../broker/store/readers.ts';

let aedes: Aedes;
let store: Persistence<Holder>;
let readers: KeptReaders;
let lookUps = 0;
beforeEach(async () => {
  aedes = await Aedes.createBroker();
  store = asPersistence<Holder>(Reflect.get(aedes, 'persistence'));
  const lookUp = store.subscriptionsByTopic.bind(store);
  lookUps = 0;
  store.subscriptionsByTopic = (topic) => {
    lookUps += 1;
    return lookUp(topic);
  };
  readers = new KeptReaders(store);
});
afterEach(() => new Promise<void>((resolve) => aedes.close(() => resolve())));

const SUBSCRIPTION = { topic: 'pumps/+/alarm', qos: 1 } as const;
const TOPIC = 'pumps/LVP-0001/alarm';
const namesOf = async (): Promise<unknown[]> =>
  (await store.subscriptionsByTopic(TOPIC)).map((reader) => (reader as { clientId: string }).clientId);

test('the store is asked once for a topic, and until then nothing is known', async () => {
  expect(readers.known(TOPIC)).toBeUndefined();
  expect(await namesOf()).toEqual([]);
  expect(await namesOf()).toEqual([]);
  expect(lookUps).toBe(1);
  expect(readers.known(TOPIC)).toEqual([]);
});

test('each change of a subscription is seen at once', async () => {
  await namesOf();
  const added = store.addSubscriptions({ id: 'a' }, [SUBSCRIPTION]);
  expect(readers.known(TOPIC)).toBeUndefined(); // before it is awaited
  await added;
  expect(await namesOf()).toEqual(['a']);
  await store.addSubscriptions({ id: 'b' }, [SUBSCRIPTION]);
  expect(await namesOf()).toEqual(['a', 'b']);
  await store.removeSubscriptions({ id: 'a' }, [SUBSCRIPTION.topic]);
  expect(await namesOf()).toEqual(['b']);
  await store.cleanSubscriptions({ id: 'b' });
  expect(await namesOf()).toEqual([]);
});

test('an answer that was looked up while something changed is not remembered', async () => {
  await store.addSubscriptions({ id: 'a' }, [SUBSCRIPTION]);
  expect(await namesOf()).toEqual(['a']);
  await store.cleanSubscriptions({ id: 'a' });
  await namesOf();
  await store.addSubscriptions({ id: 'c' }, [SUBSCRIPTION]);
  const asked = store.subscriptionsByTopic(TOPIC);
  await store.removeSubscriptions({ id: 'c' }, [SUBSCRIPTION.topic]);
  await asked;
  expect(await namesOf()).toEqual([]);
});
