declare module 'aedes-persistence-redis/asyncPersistence.js' {
  import type { Redis } from 'ioredis';

  /** What of it we use; Aedes takes it as it is. */
  export default class AsyncRedisPersistence {
    constructor(options: { conn: Redis; maxSessionDelivery: number });
    addSubscriptions(client: { readonly id: string }, subscriptions: readonly unknown[]): Promise<unknown>;
    createRetainedStreamCombi(patterns: readonly string[]): AsyncIterable<unknown>;
    outgoingStream(client: { readonly id: string }): AsyncIterable<unknown>;
    setup(broker: unknown): Promise<void>;
  }
}
