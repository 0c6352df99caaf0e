import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from 'aedes';
import { guardPersistence, type PersistenceRules, type QueueLengths } from './persistence-guard.ts';
import { findRetainedByName } from './retained-by-name.ts';
import type { Session } from './session.ts';
import type { ConnectAnswer, SessionHooks } from './session-hooks.ts';
import type { SharedState } from './shared-state.ts';
import { Store, type StoreOptions } from './store/store.ts';

/** Where retained messages and kept sessions are; neither: in memory alone. Not both. */
export interface KeptState {
  /** A disk of its own. */
  readonly keeping?: StoreOptions | undefined;
  /** What this node has in common with others. */
  readonly shared?: SharedState | undefined;
}

/** Aedes' own periods run in real time; this keeps them out of the way. Four times it must fit into 32 bits. */
const NEVER_MS = 500_000_000;

/**
 * The one place that knows Aedes. It turns Aedes' hooks into decisions of ours, and mends what Aedes leaves open:
 * everybody is refused until admitted, `$SYS` stays closed to writers, and what was refused is not remembered either.
 */
export class AedesAdapter {
  readonly #aedes: Aedes;
  readonly #shared: SharedState | undefined;
  readonly #sessions: WeakMap<Duplex, Session>;
  readonly #store: Store<Client> | undefined;
  /** What waits for kept sessions. */
  readonly queues: QueueLengths;

  private constructor(
    aedes: Aedes,
    sessions: WeakMap<Duplex, Session>,
    store: Store<Client> | undefined,
    shared: SharedState | undefined,
    queues: QueueLengths,
  ) {
    this.#shared = shared;
    this.#aedes = aedes;
    this.#sessions = sessions;
    this.#store = store;
    this.queues = queues;
  }

  static async start(hooks: SessionHooks, { keeping, shared }: KeptState = {}): Promise<AedesAdapter> {
    let store: Store<Client> | undefined;
    const sessions = new WeakMap<Duplex, Session>();
    const refusals = new WeakMap<Client, Extract<ConnectAnswer, { refused: string }>>();
    const sessionOf = (client: Client | null): Session | undefined =>
      client === null ? undefined : sessions.get(client.conn);
    /** Each subscription is judged once, whoever asks first. */
    const judged = new WeakMap<object, boolean>();
    const maySubscribe = (session: Session, subscription: { readonly topic: string }): boolean => {
      const known = judged.get(subscription);
      if (known !== undefined) return known;
      const allowed = hooks.maySubscribe(session, subscription.topic);
      judged.set(subscription, allowed);
      return allowed;
    };

    const aedes = await Aedes.createBroker({
      heartbeatInterval: shared?.heartbeatMs ?? NEVER_MS,
      ...(shared && { persistence: shared.persistence, mq: shared.mq }),
      connectTimeout: 4 * NEVER_MS,
      // A reader that takes nothing is the gate's to shed, on the Clock.
      drainTimeout: 0,
      // How many QoS 2 messages a session may leave open is `session-quota`'s.
      maxInflightInbound: 0,
      maxClientsIdLength: 128,

      preConnect(client, packet: ConnectPacket, done) {
        const session = sessionOf(client);
        if (session === undefined) return done(new Error('no session'), false);
        const answer = hooks.connect(session, {
          clientId: packet.clientId,
          clean: packet.clean ?? true,
          keepAliveS: packet.keepalive ?? 0,
          will: packet.will && {
            topic: packet.will.topic,
            payload: Buffer.from(packet.will.payload),
            retain: packet.will.retain ?? false,
          },
        });
        if ('refused' in answer) refusals.set(client, answer);
        else {
          packet.clientId = answer.clientId;
          store?.keep(answer.clientId, packet.clean === false ? answer.holder : undefined);
        }
        // The keep-alive runs on the Clock, not on Aedes' timer.
        packet.keepalive = 0;
        done(null, true);
      },

      authenticate(client, _username, _password, done) {
        const refusal = refusals.get(client);
        if (refusal === undefined) return done(null, true);
        const { refused, returnCode } = refusal; // [MQTT-3.2.2-4]
        const error: AuthenticateError = Object.assign(new Error(refused), { returnCode });
        done(error, false);
      },

      authorizePublish(client, packet, done) {
        const session = sessionOf(client);
        // A will of a node that died. It was judged there, when its session began.
        if (client === null && shared !== undefined && !packet.topic.startsWith('$')) return done(null);
        if (client === null || session === undefined) {
          return done(new Error('a publication without a session'));
        }
        const { topic, retain } = packet;
        const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
        // Closed to writers in every posture: it is the broker's own, and Aedes' guard went with its default hook.
        const own = topic.startsWith('$');
        const allowed = hooks.mayPublish(session, { topic, retain, payload });
        // [MQTT-3.3.5-2]: there is no negative acknowledgement; the connection is closed.
        if (!allowed || own) return done(new Error('publication denied'));
        // The will has no type of packet.
        const isWill = packet.cmd !== 'publish';
        const { qos, messageId } = packet;
        const message = { cmd: 'publish', topic, payload, qos, retain, messageId } as const;
        const kept = store?.intake.take(client, packet, isWill ? 'kept already' : message);
        if (kept === undefined) return done(null);
        kept.then(
          () => {
            if (isWill || !client.closed) return done(null);
            // It left before it could be acknowledged. What it said is kept, so it is said; Aedes would drop it.
            if (session.dropped === undefined && !aedes.closed) aedes.publish(packet, () => undefined);
          },
          (error: Error) => {
            hooks.unkept(session, topic, error.message);
            done(error);
          },
        );
      },

      authorizeSubscribe(client, subscription, done) {
        const session = sessionOf(client);
        if (session === undefined) return done(new Error('a subscription without a session'));
        // A null subscription answers 0x80, failure [MQTT-3.9.3-2].
        done(null, maySubscribe(session, subscription) ? subscription : null);
      },

      authorizeForward(client, packet) {
        const session = sessionOf(client);
        if (session === undefined || !hooks.delivering(session)) return null;
        // Until it is connected, what waited for the session is emptied into it, and Aedes asks nobody else.
        if (!client.connected && !hooks.mayRead(session, packet.topic)) return null;
        return packet;
      },
    });
    const persistence: unknown = Reflect.get(aedes, 'persistence');
    // Before anything is restored. Of what nodes share each sees a part: Redis finds it for them.
    if (shared === undefined) findRetainedByName(persistence);
    if (keeping !== undefined) {
      store = await Store.open<Client>(keeping, persistence).catch(async (error: unknown) => {
        await new Promise<void>((resolve) => aedes.close(() => resolve()));
        throw error;
      });
      const { holders, incoming } = store.restored;
      for (const [clientId, holder] of holders) {
        hooks.restored(clientId, holder, incoming.get(clientId) ?? []);
      }
    }
    const rules: PersistenceRules<Client> = {
      mayKeep: (client, subscription) => {
        const session = sessionOf(client);
        return session !== undefined && maySubscribe(session, subscription);
      },
      mayQueue: hooks.mayQueue,
      queueLengths: shared?.queueLengths,
    };
    const queues = guardPersistence<Client>(persistence, rules, store?.restored.queues);

    aedes.on('publish', (packet: PublishPacket) => {
      if (!packet.topic.startsWith('$')) hooks.published();
      store?.intake.done(packet);
    });
    const withSession = (client: Client, then: (session: Session) => void): void => {
      const session = sessionOf(client);
      if (session !== undefined) then(session);
    };
    aedes.on('client', (client) => withSession(client, hooks.ready));
    aedes.on('connackSent', ({ returnCode }, client) => {
      if (returnCode === 0) withSession(client, hooks.accepted);
    });
    aedes.on('clientDisconnect', (client) => withSession(client, hooks.closed));
    aedes.on('unsubscribe', (filters, client) =>
      withSession(client, (session) => hooks.unsubscribed(session, filters)),
    );
    const failed = (client: Client, error: Error): void =>
      withSession(client, (session) => hooks.failed(session, error.message));
    aedes.on('clientError', failed);
    aedes.on('connectionError', failed);
    const emitter: EventEmitter = aedes;
    if (shared !== undefined) emitter.on('error', (error: Error) => hooks.sharingFailed(error.message));
    if (store !== undefined) await publishLeft(store, aedes);
    return new AedesAdapter(aedes, sessions, store, shared, queues);
  }

  /** Why nothing can be kept at the moment. */
  get keepingFailure(): Error | undefined {
    if (this.#shared?.isUp === false) return new Error('Redis does not answer');
    return this.#store?.failure;
  }

  /** Publications of a client id that wait for the disk. */
  waitingForDisk(clientId: string): number {
    return this.#store?.intake.waiting(clientId) ?? 0;
  }

  /** Takes over a connection whose peer was admitted. */
  handle(session: Session): void {
    this.#sessions.set(session.gate, session);
    this.#aedes.handle(session.gate);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
    // Where Redis is away nobody takes leave of it.
    if (this.#shared?.isUp !== false) await closed;
    this.#shared?.disconnect();
    await this.#store?.close();
  }
}

/**
 * Says what an earlier process took in and perhaps did not hand on, then the wills of the sessions that it had: they ended with it
 * [MQTT 3.1.2.5].
 */
async function publishLeft(store: Store<Client>, aedes: Aedes): Promise<void> {
  const { intake, wills } = store.restored;
  for (const { key, packet } of [...intake, ...wills]) {
    const { topic, payload, retain } = packet;
    const qos = packet.qos === 0 || packet.qos === 1 ? packet.qos : 2;
    await new Promise<void>((resolve) => {
      aedes.publish({ cmd: 'publish', topic, payload, qos, retain, dup: false }, () => resolve());
    });
    store.published(key);
  }
}
