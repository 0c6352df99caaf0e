import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Clock, type Settling, unsettled } from '../clock/index.ts';
import {
  type BrokerHost,
  type CertificateJudge,
  type ConnectionGate,
  type ControlId,
  type EvidenceSink,
  type Identity,
  isOurs,
  type Limits,
  PumprangeError,
  presentedChain,
} from '../protocol/index.ts';
import { ConnectionHandler, type HandlerOptions } from './connection-handler.ts';
import { Host } from './host/host.ts';
import { LargeHandshakes } from './limits/large-handshakes.ts';
import type { AddressSlot } from './limits/session-quota.ts';
import { admit } from './listener/admission.ts';
import { isCostly } from './listener/costly-chain.ts';
import { Handshakes } from './listener/handshakes.ts';
import { listen } from './listener/listen.ts';
import { type ServerCredential, tlsOptions } from './listener/tls-options.ts';
import { watchedEnd } from './listener/watched-end.ts';
import type { BrokerFigures } from './operations/figures.ts';
import { storeIn } from './store/store.ts';

export interface BrokerOptions {
  readonly clock: Clock;
  readonly settling?: Settling;
  readonly host: string;
  /** Further addresses that it listens on, at the same ports. */
  readonly alsoOn?: readonly string[] | undefined;
  /** 0 asks the system for a free port. */
  readonly port: number;
  /** Port of the listener without TLS, open only where `mutual-tls` is off; 0 by default. */
  readonly plaintextPort?: number;
  readonly credential: ServerCredential;
  readonly judge: CertificateJudge;
  readonly controls: ReadonlySet<ControlId>;
  /** Settings of `rate-limit` and `session-quota`; roomy by default. */
  readonly limits?: Limits;
  readonly evidence: EvidenceSink;
  /** The network in front of the listeners; absent: whoever gets here comes in. */
  readonly gate?: ConnectionGate;
  /** What the machine below it bears; absent: whatever comes. */
  readonly capacity?: { readonly host: BrokerHost; readonly killed: () => void } | undefined;
  /** Folder of retained messages and kept sessions with their queues; by default they end with the broker. */
  readonly store?: string;
  /** Is given the secrets of each TLS session, a line of an NSS key log at a time. */
  readonly keyLog?: (line: Buffer) => void;
  /** `redis://127.0.0.1:<port>`: what the nodes of one broker share. Absent: it is alone. Not together with `store`. */
  readonly redis?: string;
}

export interface BrokerCounts {
  /** Sessions that are open now. */
  readonly clients: number;
  /** Publications accepted. */
  readonly published: number;
  /** Publications handed to subscribers. */
  readonly delivered: number;
  /** Connections, publications and subscriptions denied. */
  readonly denied: number;
}

/**
 * The MQTT broker: listeners, identity from the certificate, a deny-by-default policy, and an audit entry for every
 * session, denial and command. Allowed telemetry is counted, not recorded one by one.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #settling: Settling;
  readonly #handler: ConnectionHandler;
  readonly #host: Host | undefined;
  readonly #raw = new Set<Socket>();
  /** TCP connections that count against their address; a TLS socket is found by the socket below it. */
  readonly #slots = new Map<string, AddressSlot>();
  readonly #handshakes: Handshakes;
  /** Absent where `session-quota` is off. */
  readonly #large: LargeHandshakes | undefined;
  readonly #servers: Server[] = [];
  #handshakeFailures = 0;
  #port = 0;
  #plaintextPort: number | undefined;

  private constructor(options: BrokerOptions, handler: ConnectionHandler, host: Host | undefined) {
    this.#options = options;
    this.#host = host;
    this.#settling = options.settling ?? unsettled;
    this.#handler = handler;
    const { audit, quota } = handler;
    this.#handshakes = new Handshakes(
      options.clock,
      options.controls,
      quota?.limits.handshakeMs,
      ({ remoteAddress, control, cause, late }) => {
        this.#handshakeFailures += 1;
        const address = plainAddress(remoteAddress);
        if (late) audit.limit({ address }, 'session.refused', { code: 'handshake-time', cause });
        else audit.refused({ address }, control, cause);
      },
      ({ remoteAddress, bytes }) => {
        const address = plainAddress(remoteAddress);
        const isLarge = this.#large?.ended(address, bytes) === true;
        // What else it began would be worked on before anybody looks again.
        if (isLarge && remoteAddress !== undefined && this.#large?.refused(address) !== undefined) {
          this.#handshakes.cut(remoteAddress);
        }
      },
    );
    this.#large = quota && new LargeHandshakes(quota.limits, options.clock);
  }

  /**
   * @throws PumprangeError `PR_GUARDRAIL`, `PR_PORT_IN_USE`, `PR_PORT_DENIED`; with a store `PR_DIR_IN_USE`, `PR_DISK`,
   * `PR_STORE_UNREADABLE`; with Redis `PR_REDIS_UNREACHABLE`; `PR_USAGE` for both
   */
  static async start(options: BrokerOptions): Promise<Broker> {
    const stranger = [options.host, ...(options.alsoOn ?? [])].find((host) => !isOurs(host));
    if (stranger !== undefined) {
      throw new PumprangeError('PR_GUARDRAIL', `the broker may not listen on ${stranger}`);
    }
    const { capacity, clock } = options;
    const host = capacity && new Host(capacity.host, () => clock.now(), capacity.killed);
    const handler = await ConnectionHandler.start({ ...options, ...stateOf(options), host });
    const broker = new Broker(options, handler, host);
    try {
      await broker.#listen();
    } catch (error) {
      await broker.stop();
      throw error;
    }
    return broker;
  }

  /** Port of the TLS listener. */
  get port(): number {
    return this.#port;
  }

  /** Port of the listener without TLS; `undefined` where `mutual-tls` is on. */
  get plaintextPort(): number | undefined {
    return this.#plaintextPort;
  }

  counts(): BrokerCounts {
    const { published, delivered, audit } = this.#handler;
    let clients = 0;
    for (const session of this.#handler.sessions()) if (session.open) clients += 1;
    return { clients, published, delivered, denied: audit.denied };
  }

  /** All that is counted, for whoever runs the broker. */
  figures(): BrokerFigures {
    const { audit, traffic, openedSessions, queues, keepingFailure } = this.#handler;
    const { clients, published, delivered } = this.counts();
    return {
      sessions: clients,
      sessionsOpened: openedSessions,
      publishesIn: published,
      publishesOut: delivered,
      ...traffic,
      denials: audit.denials,
      limits: audit.limits,
      handshakeFailures: this.#handshakeFailures,
      queuedMessages: queues?.messages ?? 0,
      queuedSessions: queues?.sessions ?? 0,
      longestQueue: queues?.longest() ?? 0,
      notReady: keepingFailure?.message,
    };
  }

  /** Identities with an open session. */
  connected(): Identity[] {
    return [...this.#handler.sessions()].flatMap((session) =>
      session.open && session.identity ? [session.identity] : [],
    );
  }

  /**
   * Ends every session of a certificate at once. Called when it is revoked; does nothing where
   * `certificate-revocation` is off. Returns how many it ended.
   */
  dropRevoked(fingerprint: string): number {
    if (!this.#options.controls.has('certificate-revocation')) return 0;
    let dropped = 0;
    for (const session of this.#handler.sessions()) {
      if (session.certificate?.fingerprint !== fingerprint || session.dropped !== undefined) continue;
      dropped += 1;
      this.#handler.drop(session, 'certificate-revocation', 'the certificate was revoked');
    }
    return dropped;
  }

  /** Stops as if the power went: no goodbye, all connections cut, nothing kept. */
  async stop(): Promise<void> {
    const closing = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#raw) socket.destroy();
    await this.#handler.stop();
    await Promise.all(closing);
  }

  async #listen(): Promise<void> {
    const { host, alsoOn, port, credential, controls } = this.#options;
    const server = createTlsServer(tlsOptions(credential, controls));
    server.on('connection', (socket: Socket) => {
      if (!this.#reaches(socket, 'mqtt-tls') || this.#isBarred(socket) || !this.#track(socket)) return;
      this.#handshakes.begin(socket);
    });
    server.on('secureConnection', (socket: TLSSocket) => this.#arrived(socket, 'tls'));
    server.on('tlsClientError', (error, socket) => {
      this.#handshakes.failing(socket, error);
      socket.destroy();
    });
    const { keyLog } = this.#options;
    if (keyLog !== undefined) {
      server.on('keylog', keyLog);
      this.#handler.audit.broker('tls.key-log', 'the secrets of all TLS sessions are written to a file');
    }
    this.#servers.push(server);
    this.#port = await listen(server, host, port, alsoOn);
    if (controls.has('mutual-tls')) return;
    const plain = createServer({ noDelay: true }, (socket) => {
      if (this.#reaches(socket, 'mqtt-plaintext') && this.#track(socket)) this.#arrived(socket, 'plaintext');
    });
    this.#servers.push(plain);
    this.#plaintextPort = await listen(plain, host, this.#options.plaintextPort ?? 0, alsoOn);
  }

  #reaches(socket: Socket, name: 'mqtt-tls' | 'mqtt-plaintext'): boolean {
    return this.#options.gate?.(socket, { asset: 'broker', name }).allowed ?? true;
  }

  /** Whether its address had too many large handshakes of late; then the connection is closed. */
  #isBarred(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress);
    const reached = this.#large?.refused(address);
    if (reached === undefined) return false;
    socket.on('error', () => undefined);
    this.#handler.audit.limit({ address }, 'session.refused', reached);
    socket.destroy();
    return true;
  }

  /** Takes up a TCP connection; `false` if its address has too many, and it is closed. */
  #track(socket: Socket): boolean {
    socket.on('error', () => undefined); // the session records why it ended
    const { audit, quota } = this.#handler;
    const address = plainAddress(socket.remoteAddress);
    const slot = quota?.connection(address);
    if (slot !== undefined && 'code' in slot) {
      audit.limit({ address }, 'session.refused', slot);
      socket.destroy();
      return false;
    }
    const place = this.#host?.connection();
    if (this.#host !== undefined && place === undefined) {
      slot?.release();
      audit.refused({ address }, null, 'host-connections: its host has no place for another connection');
      socket.destroy();
      return false;
    }
    const name = remoteEnd(socket);
    if (slot !== undefined) this.#slots.set(name, slot);
    this.#raw.add(socket);
    socket.once('close', () => {
      this.#raw.delete(socket);
      slot?.release();
      place?.();
      if (this.#slots.get(name) === slot) this.#slots.delete(name);
    });
    return true;
  }

  /** A connection whose cleartext can flow: judge the peer, then hand it to MQTT. */
  #arrived(socket: Socket | TLSSocket, listener: 'tls' | 'plaintext'): void {
    const { clock, controls, judge } = this.#options;
    this.#handshakes.succeeded(socket);
    if (listener === 'tls') this.#host?.handshake();
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    const overTls = listener === 'tls' && 'getPeerX509Certificate' in socket ? socket : undefined;
    // A handshake at a client's will is work at its will, and who it was judged to be would be open again. TLS 1.3 has none.
    overTls?.disableRenegotiation();
    const chain = overTls === undefined ? [] : presentedChain(overTls);
    const admission = admit(chain, judge, controls, clock.now());
    const address = plainAddress(socket.remoteAddress);
    if (!admission.admitted) {
      const { control, refusal, detail, fingerprint } = admission.verdict;
      if (isCostly(chain)) this.#large?.charge(address);
      this.#settling.watch('server', socket);
      const peer = { address, certificateFingerprint: fingerprint };
      this.#handler.audit.refused(peer, control, `${refusal}: ${detail}`);
      socket.destroy();
      return;
    }
    const slot = this.#slots.get(remoteEnd(socket));
    const certificate = admission.verdict;
    const gate = this.#handler.begin({ transport: socket, listener, address, certificate, slot });
    this.#settling.watch('server', watchedEnd(socket, gate));
  }
}

/** Where the broker keeps its state. */
function stateOf({ store, redis }: BrokerOptions): Required<Pick<HandlerOptions, 'store' | 'share'>> {
  if (store !== undefined && redis !== undefined) {
    throw new PumprangeError('PR_USAGE', 'a broker keeps its state in a folder or in Redis, not in both');
  }
  return {
    store: store === undefined ? undefined : storeIn(store),
    // The libraries are loaded only where several nodes share something.
    share:
      redis === undefined
        ? undefined
        : async (told) => (await import('./shared-state.ts')).openSharedState(redis, told),
  };
}

function remoteEnd(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:/, '') ?? 'unknown';
}
