import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { isLoopback, PumprangeError } from '../../../protocol/index.ts';
import type { AttackCredential, AttackGround, FloorEndpoint } from '../../engine/port.ts';
import type { ActionOf } from '../../format/actions.ts';
import { relayAndListen } from './listening-relay.ts';
import { RogueSession } from './rogue-session.ts';
import { ServersEnd } from './servers-end.ts';

/** The first octet of a TLS handshake record [RFC 8446 §5.1]. */
const TLS_HANDSHAKE = 0x16;

/**
 * A server of the adversary's own, on loopback, that takes itself for a broker. Whoever comes and speaks TLS is answered with TLS, if
 * there is a certificate to show.
 */
export class RogueServer {
  readonly #ground: AttackGround;
  readonly #action: ActionOf<'rogue-server'>;
  readonly #credential: AttackCredential | undefined;
  readonly #heard: (topic: string, payload: Buffer) => void;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<RogueSession>();
  #endpoint: FloorEndpoint | undefined;

  private constructor(
    ground: AttackGround,
    action: ActionOf<'rogue-server'>,
    credential: AttackCredential | undefined,
    heard: (topic: string, payload: Buffer) => void,
  ) {
    this.#ground = ground;
    this.#action = action;
    this.#credential = credential;
    this.#heard = heard;
    this.#server = createServer({ noDelay: true }, (socket) => this.#arrived(socket));
  }

  /** @throws PumprangeError `PR_GUARDRAIL` if it would listen anywhere but on loopback */
  static async listen(
    ground: AttackGround,
    action: ActionOf<'rogue-server'>,
    heard: (topic: string, payload: Buffer) => void,
  ): Promise<RogueServer> {
    const host = ground.sourceAddress() ?? '127.0.0.1';
    if (!isLoopback(host)) throw new PumprangeError('PR_GUARDRAIL', `nobody may listen on ${host}`);
    const rogue = new RogueServer(ground, action, await ground.credential(action.shows), heard);
    rogue.#endpoint = await ground.settling.hold('a server that begins to listen', () =>
      listening(rogue.#server, host),
    );
    return rogue;
  }

  get endpoint(): FloorEndpoint | undefined {
    return this.#endpoint;
  }

  /** The session of a pump that has come here, and is still here. */
  sessionOf(serial: string): RogueSession | undefined {
    return [...this.#sessions].findLast((session) => session.serial === serial);
  }

  close(): void {
    this.#server.close();
    for (const session of this.#sessions) session.cut();
    for (const socket of this.#sockets) socket.destroy();
  }

  #arrived(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#action.behaviour === 'listens') {
      void relayAndListen(this.#ground, socket, this.#heard);
      return;
    }
    const end = new ServersEnd(socket);
    this.#ground.settling.watch('server', end);
    if (this.#action.behaviour === 'hangs-up') {
      socket.once('data', () => socket.end('HTTP/1.1 404 Not Found\r\n\r\n'));
      return;
    }
    socket.once('data', (first: Buffer) => {
      socket.pause();
      socket.unshift(first);
      if (first[0] !== TLS_HANDSHAKE) this.#begin(socket);
      else if (this.#credential === undefined) socket.destroy();
      else this.#handshake(socket, end, this.#credential);
    });
  }

  #handshake(below: Socket, end: ServersEnd, { chainPem, privateKeyPem }: AttackCredential): void {
    const socket = new TLSSocket(below, {
      isServer: true,
      secureContext: createSecureContext({ cert: chainPem, key: privateKeyPem }),
      // It asks, as the real one does, and takes whatever is shown.
      requestCert: true,
      rejectUnauthorized: false,
    });
    socket.on('error', () => below.destroy());
    socket.once('secure', () => {
      end.speaksThrough(socket);
      this.#begin(socket);
    });
  }

  #begin(socket: Socket): void {
    const session: RogueSession = new RogueSession(this.#ground, socket, this.#action, this.#heard);
    this.#sessions.add(session);
    socket.once('close', () => {
      this.#sessions.delete(session);
      session.cut();
    });
    socket.resume();
  }
}

function listening(server: Server, host: string): Promise<FloorEndpoint> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') return reject(new Error('it has no port'));
      resolve({ host, port: address.port });
    });
  });
}
