import { asPersistence, type Holder, memoryOf } from './store/persistence.ts';
import type { KeptSubscription } from './store/records.ts';

export interface PersistenceRules<Client> {
  mayKeep(client: Client, subscription: KeptSubscription): boolean;
  mayQueue(clientId: string, queued: number): boolean;
  /** Asks how much waits for each client id, where others put something in and take it out, too. */
  readonly queueLengths?: ((clientIds: readonly string[]) => Promise<readonly number[]>) | undefined;
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
  const { queueLengths } = rules;
  if (queueLengths !== undefined) {
    /** Client id → messages that are being put in: who asks at the same time is not told of them. */
    const entering = new Map<string, number>();
    const enter = (clientId: string, change: 1 | -1): void => {
      const count = (entering.get(clientId) ?? 0) + change;
      if (count > 0) entering.set(clientId, count);
      else entering.delete(clientId);
    };
    store.outgoingEnqueueCombi = async (readers, packet) => {
      if (readers.length === 0) return;
      const lengths = await queueLengths(readers.map(({ clientId }) => clientId));
      const taken = readers.filter(({ clientId }, index) =>
        rules.mayQueue(clientId, (lengths[index] ?? 0) + (entering.get(clientId) ?? 0)),
      );
      for (const { clientId } of taken) enter(clientId, 1);
      try {
        await unguarded.outgoingEnqueueCombi(taken, packet);
      } finally {
        for (const { clientId } of taken) enter(clientId, -1);
      }
    };
  }
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
