import type { Socket } from 'node:net';
import { Aedes, type AuthenticateError, type Client, type ConnectPacket, type PublishPacket } from 'aedes';

/** What the adapter asks of the broker around it; each answer is a decision that is taken and recorded there. */
export interface SessionHooks {
  /** Returns the client id that the session gets, or why it gets none. */
  connect(
    socket: Socket,
    request: ConnectRequest,
  ): { readonly clientId: string } | { readonly refused: string };
  /** CONNECT was refused for a reason of the protocol. */
  refused(socket: Socket, reason: string): void;
  mayPublish(socket: Socket, topic: string, retain: boolean): boolean;
  maySubscribe(socket: Socket, filter: string): boolean;
  published(socket: Socket | undefined, topic: string, payloadBytes: number): void;
  delivered(): void;
  ready(socket: Socket): void;
  closed(socket: Socket): void;
  /** Something arrived from this peer. */
  alive(socket: Socket): void;
  /** The session ended by an error of the protocol or of the socket. */
  failed(socket: Socket, reason: string): void;
}

export interface ConnectRequest {
  readonly clientId: string;
  readonly clean: boolean;
  readonly keepAliveS: number;
  readonly will: { readonly topic: string; readonly retain: boolean } | undefined;
}

/** Aedes' own periods run in real time; this keeps them out of the way. Four times it must fit into 32 bits. */
const NEVER_MS = 500_000_000;

/**
 * The one place that knows Aedes. It turns Aedes' hooks into decisions of ours, and mends what Aedes leaves open:
 * everybody is refused until admitted, `$SYS` stays closed to writers, an empty client id asks for a clean session.
 */
export class AedesAdapter {
  readonly #aedes: Aedes;

  private constructor(aedes: Aedes) {
    this.#aedes = aedes;
  }

  static async start(hooks: SessionHooks): Promise<AedesAdapter> {
    const refusals = new WeakMap<Client, string>();
    const socketOf = (client: Client | null): Socket | undefined => {
      // Aedes types a connection as a Duplex; ours are sockets.
      const connection = client?.conn;
      return connection !== undefined && 'remoteAddress' in connection ? connection : undefined;
    };

    const aedes = await Aedes.createBroker({
      heartbeatInterval: NEVER_MS,
      connectTimeout: 4 * NEVER_MS,
      maxClientsIdLength: 128,

      preConnect(client, packet: ConnectPacket, done) {
        const socket = socketOf(client);
        if (socket === undefined) return done(new Error('no socket'), false);
        // [MQTT-3.1.3-7], [MQTT-3.1.3-8]: no name and no clean session do not go together.
        if (packet.clientId === '' && packet.clean === false) {
          const reason = 'an empty client id needs a clean session';
          hooks.refused(socket, reason);
          refusals.set(client, reason);
          return done(null, true);
        }
        const answer = hooks.connect(socket, {
          clientId: packet.clientId,
          clean: packet.clean ?? true,
          keepAliveS: packet.keepalive ?? 0,
          will: packet.will && { topic: packet.will.topic, retain: packet.will.retain ?? false },
        });
        if ('refused' in answer) refusals.set(client, answer.refused);
        else packet.clientId = answer.clientId;
        // The keep-alive runs on the Clock, not on Aedes' timer.
        packet.keepalive = 0;
        done(null, true);
      },

      authenticate(client, _username, _password, done) {
        const refused = refusals.get(client);
        if (refused === undefined) return done(null, true);
        // 2: identifier rejected [MQTT-3.2.2-4]
        const error: AuthenticateError = Object.assign(new Error(refused), { returnCode: 2 });
        done(error, false);
      },

      authorizePublish(client, packet, done) {
        const socket = socketOf(client);
        if (socket === undefined) return done(new Error('a publication without a session'));
        hooks.alive(socket);
        const allowed = hooks.mayPublish(socket, packet.topic, packet.retain);
        // Closed to writers in every posture: it is the broker's own, and Aedes' guard went with its default hook.
        if (allowed && !packet.topic.startsWith('$')) return done(null);
        // [MQTT-3.3.5-2]: there is no negative acknowledgement; the connection is closed.
        done(new Error('publication denied'));
      },

      authorizeSubscribe(client, subscription, done) {
        const socket = socketOf(client);
        if (socket === undefined) return done(new Error('a subscription without a session'));
        hooks.alive(socket);
        // A null subscription answers 0x80, failure [MQTT-3.9.3-2].
        done(null, hooks.maySubscribe(socket, subscription.topic) ? subscription : null);
      },

      authorizeForward(_client, packet) {
        hooks.delivered();
        return packet;
      },
    });

    aedes.on('publish', (packet: PublishPacket, client) => {
      if (!packet.topic.startsWith('$'))
        hooks.published(socketOf(client), packet.topic, packet.payload.length);
    });
    aedes.on('client', (client) => withSocket(client, hooks.ready));
    aedes.on('clientDisconnect', (client) => withSocket(client, hooks.closed));
    aedes.on('ping', (_packet, client) => withSocket(client, hooks.alive));
    aedes.on('ack', (_packet, client) => withSocket(client, hooks.alive));
    aedes.on('unsubscribe', (_filters, client) => withSocket(client, hooks.alive));
    const failed = (client: Client, error: Error): void => {
      const socket = socketOf(client);
      if (socket !== undefined) hooks.failed(socket, error.message);
    };
    aedes.on('clientError', failed);
    aedes.on('connectionError', failed);

    function withSocket(client: Client, then: (socket: Socket) => void): void {
      const socket = socketOf(client);
      if (socket !== undefined) then(socket);
    }
    return new AedesAdapter(aedes);
  }

  /** Takes over a connection whose peer was admitted. */
  handle(socket: Socket): void {
    this.#aedes.handle(socket);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#aedes.close(() => resolve()));
  }
}
