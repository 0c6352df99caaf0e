import { asPersistence, type Holder, memoryOf } from './store/persistence.ts';
import type { KeptSubscription } from './store/records.ts';

export interface PersistenceRules<Client> {
  mayKeep(client: Client, subscription: KeptSubscription): boolean;
  mayQueue(clientId: string, queued: number): boolean;
}

/** How much waits for kept sessions. */
export interface QueueLengths {
  readonly messages: number;
  /** Sessions for which something waits. */
  readonly sessions: number;
  longest(): number;
}

/**
 * Keeps two things out of whatever store Aedes uses. Aedes stores all filters of a SUBSCRIBE as soon as one of them is granted, the
 * denied ones too, and from then on keeps messages for them; and it keeps as many messages for a session as come.
 */
export function guardPersistence<Client extends Holder>(
  persistence: unknown,
  rules: PersistenceRules<Client>,
  /** Client id → what an earlier process left in its queue. */
  left: ReadonlyMap<string, readonly unknown[]> = new Map(),
): QueueLengths {
  const store = asPersistence<Client>(persistence);
  const unguarded = memoryOf(store);
  /** Client id → messages that wait for it. */
  const queued = new Map([...left].map(([clientId, waiting]) => [clientId, waiting.length]));
  let total = [...queued.values()].reduce((sum, length) => sum + length, 0);

  store.addSubscriptions = (client, subscriptions) =>
    unguarded.addSubscriptions(
      client,
      subscriptions.filter((subscription) => rules.mayKeep(client, subscription)),
    );
  store.outgoingEnqueueCombi = (readers, packet) => {
    if (readers.length === 0) return unguarded.outgoingEnqueueCombi(readers, packet);
    const taken = readers.filter(({ clientId }) => rules.mayQueue(clientId, queued.get(clientId) ?? 0));
    for (const { clientId } of taken) queued.set(clientId, (queued.get(clientId) ?? 0) + 1);
    total += taken.length;
    return unguarded.outgoingEnqueueCombi(taken, packet);
  };
  store.outgoingClearMessageId = async (client, packet) => {
    const cleared = await unguarded.outgoingClearMessageId(client, packet);
    if (cleared === undefined || cleared === null) return cleared;
    const waiting = queued.get(client.id) ?? 0;
    // Another node that shares the store put it there.
    if (waiting === 0) return cleared;
    total -= 1;
    const rest = waiting - 1;
    if (rest > 0) queued.set(client.id, rest);
    else queued.delete(client.id);
    return cleared;
  };
  return {
    get messages() {
      return total;
    },
    get sessions() {
      return queued.size;
    },
    longest: () => Math.max(0, ...queued.values()),
  };
}
