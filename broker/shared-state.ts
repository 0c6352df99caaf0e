/// <reference path="./aedes-persistence-redis.d.ts" />
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import AsyncRedisPersistence from 'aedes-persistence-redis/asyncPersistence.js';
import { Redis } from 'ioredis';
import mqemitterRedis from 'mqemitter-redis';
import { isLoopback, PumprangeError } from '../protocol/index.ts';

/** What several nodes of one broker have in common: retained messages, kept sessions with their queues, and every publication. */
export interface SharedState {
  /** For Aedes. */
  readonly persistence: object;
  /** For Aedes. */
  readonly mq: object;
  /** A node says so often that it lives. Aedes measures it in real time. */
  readonly heartbeatMs: number;
  /** Whether Redis answers at the moment. */
  readonly isUp: boolean;
  /** How many messages wait for each of these client ids, those included that a reader was sent and has not acknowledged. */
  queueLengths(clientIds: readonly string[]): Promise<readonly number[]>;
  disconnect(): void;
}

/** Whom a node tells how it gets on with Redis. */
export interface SharingTold {
  /** A connection broke; it is tried again. */
  failed(cause: string): void;
  /** All of them stand again. */
  recovered(): void;
}

/** After three of these a node is taken for dead, and another one publishes its wills. */
const HEARTBEAT_MS = 5_000;
/** All that waits for a session is delivered when it comes back: its length is `session-quota`'s to bound. */
const WHOLE_QUEUE = 1_000_000;
const FIRST_ANSWER_MS = 5_000;

/** Where Aedes 1.2 and this persistence do not fit: it pipes what it is given, and stores what was granted even if nothing was. */
class SharedPersistence extends AsyncRedisPersistence {
  override async addSubscriptions(
    client: { readonly id: string },
    subscriptions: readonly unknown[],
  ): Promise<unknown> {
    // Redis refuses an empty list.
    return subscriptions.length === 0 ? client : super.addSubscriptions(client, subscriptions);
  }

  override createRetainedStreamCombi(patterns: readonly string[]): Readable {
    return Readable.from(super.createRetainedStreamCombi(patterns));
  }

  override outgoingStream(client: { readonly id: string }): Readable {
    return Readable.from(super.outgoingStream(client));
  }
}

/**
 * Joins the nodes that share a Redis: the one place that knows it. While it is away nothing is passed on, and everything waits for it.
 *
 * @param url `redis://127.0.0.1:<port>`
 * @throws PumprangeError `PR_GUARDRAIL` for an address beyond loopback, `PR_USAGE` for no such address, `PR_REDIS_UNREACHABLE`
 */
export async function openSharedState(url: string, told: SharingTold): Promise<SharedState> {
  const { host, port } = addressOf(url);
  const connect = (): Redis => {
    const redis = new Redis({
      ...{ host, port, lazyConnect: true, maxRetriesPerRequest: null, connectTimeout: FIRST_ANSWER_MS },
    });
    const quit = redis.quit.bind(redis);
    // Aedes takes leave without waiting for an answer; where Redis is away there is none, and that is no failure.
    redis.quit = () => quit().catch(() => 'OK' as const);
    return redis;
  };
  const connections = [connect(), connect(), connect()] as const;
  const disconnect = (): void => {
    for (const connection of connections) connection.disconnect();
  };
  const isUp = (): boolean => connections.every(({ status }) => status === 'ready');
  let stands = false;
  let isAway = false;
  for (const connection of connections) {
    // Said once: it is tried again every moment.
    connection.on('error', (error: Error) => {
      if (stands && !isAway) told.failed(`Redis: ${error.message}`);
      isAway = stands;
    });
    connection.on('ready', () => {
      if (!isAway || !isUp()) return;
      isAway = false;
      told.recovered();
    });
  }
  try {
    await Promise.all(connections.map((connection) => connection.connect()));
    stands = true;
  } catch (error) {
    disconnect();
    const reason = error instanceof Error ? error.message : String(error);
    throw new PumprangeError('PR_REDIS_UNREACHABLE', `${host}:${port}: ${reason}`, { cause: error });
  }
  const [db, subConn, pubConn] = connections;
  const mq = mqemitterRedis({ subConn, pubConn });
  // It passes on what its connections say; unheard, that would end the process.
  const state: unknown = Reflect.get(mq, 'state');
  if (state instanceof EventEmitter) state.on('error', () => undefined);
  return {
    persistence: new SharedPersistence({ conn: db, maxSessionDelivery: WHOLE_QUEUE }),
    mq,
    heartbeatMs: HEARTBEAT_MS,
    get isUp() {
      return isUp();
    },
    // The key is the persistence's, which has no way to ask.
    queueLengths: (clientIds) =>
      Promise.all(clientIds.map((clientId) => db.llen(`outgoing:${encodeURIComponent(clientId)}`))),
    disconnect,
  };
}

function addressOf(url: string): { readonly host: string; readonly port: number } {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'redis:' || parsed.hostname === '') {
    throw new PumprangeError('PR_USAGE', `${JSON.stringify(url)} is not redis://127.0.0.1:<port>`);
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  if (!isLoopback(host)) throw new PumprangeError('PR_GUARDRAIL', `${host} may not be contacted`);
  return { host, port: Number(parsed.port || 6_379) };
}
