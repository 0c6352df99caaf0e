import type { KeptPacket, KeptSubscription } from './records.ts';

export interface Holder {
  readonly id: string;
}

/** What of Aedes' persistence we stand before; any implementation has it. */
export interface Persistence<Client extends Holder = Holder> {
  storeRetained(packet: KeptPacket): Promise<unknown>;
  addSubscriptions(client: Client, subscriptions: readonly KeptSubscription[]): Promise<unknown>;
  removeSubscriptions(client: Client, topics: readonly string[]): Promise<unknown>;
  cleanSubscriptions(client: Client): Promise<unknown>;
  subscriptionsByTopic(topic: string): Promise<readonly unknown[]>;
  outgoingEnqueueCombi(
    readers: readonly { readonly clientId: string }[],
    packet: KeptPacket,
  ): Promise<unknown>;
  outgoingUpdate(client: Client, packet: KeptPacket): Promise<unknown>;
  outgoingClearMessageId(client: Client, packet: KeptPacket): Promise<KeptPacket | undefined | null>;
  incomingStorePacket(client: Client, packet: KeptPacket): Promise<unknown>;
  incomingGetPacket(client: Client, packet: KeptPacket): Promise<unknown>;
  incomingDelPacket(client: Client, packet: KeptPacket): Promise<unknown>;
  cleanIncoming(client: Client): Promise<unknown>;
  putWill(client: Client, packet: KeptPacket): Promise<unknown>;
  delWill(client: Client): Promise<unknown>;
}

const METHODS = [
  'storeRetained',
  'addSubscriptions',
  'removeSubscriptions',
  'cleanSubscriptions',
  'subscriptionsByTopic',
  'outgoingEnqueueCombi',
  'outgoingUpdate',
  'outgoingClearMessageId',
  'incomingStorePacket',
  'incomingGetPacket',
  'incomingDelPacket',
  'cleanIncoming',
  'putWill',
  'delWill',
] as const satisfies readonly (keyof Persistence)[];

/** @throws TypeError if it is something else, as another version of Aedes may have it */
export function asPersistence<Client extends Holder>(store: unknown): Persistence<Client> {
  if (!isPersistence<Client>(store))
    throw new TypeError('Aedes has no persistence of the kind that is known');
  return store;
}

function isPersistence<Client extends Holder>(store: unknown): store is Persistence<Client> {
  return (
    typeof store === 'object' &&
    store !== null &&
    METHODS.every((name) => typeof Reflect.get(store, name) === 'function')
  );
}

/** The methods as they are now, to be called by what is put in their place. */
export function memoryOf<Client extends Holder>(store: Persistence<Client>): Persistence<Client> {
  return {
    storeRetained: store.storeRetained.bind(store),
    addSubscriptions: store.addSubscriptions.bind(store),
    removeSubscriptions: store.removeSubscriptions.bind(store),
    cleanSubscriptions: store.cleanSubscriptions.bind(store),
    subscriptionsByTopic: store.subscriptionsByTopic.bind(store),
    outgoingEnqueueCombi: store.outgoingEnqueueCombi.bind(store),
    outgoingUpdate: store.outgoingUpdate.bind(store),
    outgoingClearMessageId: store.outgoingClearMessageId.bind(store),
    incomingStorePacket: store.incomingStorePacket.bind(store),
    incomingGetPacket: store.incomingGetPacket.bind(store),
    incomingDelPacket: store.incomingDelPacket.bind(store),
    cleanIncoming: store.cleanIncoming.bind(store),
    putWill: store.putWill.bind(store),
    delWill: store.delWill.bind(store),
  };
}
