import type { Holder, Persistence } from './persistence.ts';

/** Beyond this, topics are somebody's invention, or the fleet is so large that a few look-ups do not matter. */
const MOST_REMEMBERED = 50_000;

/** Whoever is kept for a topic, as the persistence has it. */
type Readers = readonly unknown[];

/**
 * Who is kept for a topic. Each message with QoS 1 or 2 asks twice, before it is acknowledged and when it is put into queues, and pumps
 * say the same few topics for days: an answer holds until a subscription changes.
 */
export class KeptReaders {
  #answers = new Map<string, Readers>();

  /** @param store in memory: what changes its subscriptions has done so when it returns, and nothing passes this by */
  constructor(store: Persistence<Holder>) {
    const { addSubscriptions, removeSubscriptions, cleanSubscriptions, subscriptionsByTopic } = store;
    const changed = <Result>(result: Result): Result => {
      this.#answers = new Map();
      return result;
    };
    store.addSubscriptions = (...change) => changed(addSubscriptions.apply(store, change));
    store.removeSubscriptions = (...change) => changed(removeSubscriptions.apply(store, change));
    store.cleanSubscriptions = (...change) => changed(cleanSubscriptions.apply(store, change));
    store.subscriptionsByTopic = async (topic) => {
      const known = this.#answers.get(topic);
      if (known !== undefined) return known;
      const answers = this.#answers;
      const readers = await subscriptionsByTopic.call(store, topic);
      // Where something changed in the meantime this goes into a map that nobody reads any more.
      if (answers.size >= MOST_REMEMBERED) answers.clear();
      answers.set(topic, readers);
      return readers;
    };
  }

  /** The answer if it is remembered; `undefined`: the store has to be asked. */
  known(topic: string): Readers | undefined {
    return this.#answers.get(topic);
  }
}
