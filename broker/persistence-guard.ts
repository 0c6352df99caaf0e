interface Subscription {
  readonly topic: string;
}

/** What of Aedes' persistence the guard stands before; any implementation has it. */
interface Persistence<Client> {
  addSubscriptions(client: Client, subscriptions: readonly Subscription[]): Promise<unknown>;
  outgoingEnqueueCombi(readers: readonly { readonly clientId: string }[], packet: unknown): Promise<unknown>;
  outgoingClearMessageId(client: { readonly id: string }, packet: unknown): Promise<unknown>;
}

export interface PersistenceRules<Client> {
  mayKeep(client: Client, subscription: Subscription): boolean;
  mayQueue(clientId: string, queued: number): boolean;
}

/**
 * Keeps two things out of whatever store Aedes uses. Aedes stores all filters of a SUBSCRIBE as soon as one of them is granted, the
 * denied ones too, and from then on keeps messages for them; and it keeps as many messages for a session as come.
 */
export function guardPersistence<Client>(store: unknown, rules: PersistenceRules<Client>): void {
  if (!isPersistence<Client>(store)) throw new TypeError('Aedes has no persistence that could be guarded');
  const add = store.addSubscriptions.bind(store);
  const enqueue = store.outgoingEnqueueCombi.bind(store);
  const clear = store.outgoingClearMessageId.bind(store);
  /** Client id → messages that wait for it. What an earlier process left in a store is not counted. */
  const queued = new Map<string, number>();

  store.addSubscriptions = (client, subscriptions) =>
    add(
      client,
      subscriptions.filter((subscription) => rules.mayKeep(client, subscription)),
    );
  store.outgoingEnqueueCombi = (readers, packet) => {
    const taken = readers.filter(({ clientId }) => rules.mayQueue(clientId, queued.get(clientId) ?? 0));
    for (const { clientId } of taken) queued.set(clientId, (queued.get(clientId) ?? 0) + 1);
    return enqueue(taken, packet);
  };
  store.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet);
    if (cleared === undefined || cleared === null) return cleared;
    const left = (queued.get(client.id) ?? 0) - 1;
    if (left > 0) queued.set(client.id, left);
    else queued.delete(client.id);
    return cleared;
  };
}

function isPersistence<Client>(store: unknown): store is Persistence<Client> {
  return (
    typeof store === 'object' &&
    store !== null &&
    ['addSubscriptions', 'outgoingEnqueueCombi', 'outgoingClearMessageId'].every(
      (name) => typeof Reflect.get(store, name) === 'function',
    )
  );
}
