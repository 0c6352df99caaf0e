import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Clock, type Settling, unsettled } from '../clock/index.ts';
import {
  type CertificateJudge,
  type ControlId,
  type EvidenceSink,
  type Identity,
  isLoopback,
  type Limits,
  PumprangeError,
  presentedChain,
} from '../protocol/index.ts';
import { ConnectionHandler } from './connection-handler.ts';
import type { AddressSlot } from './limits/session-quota.ts';
import { admit } from './listener/admission.ts';
import { Handshakes } from './listener/handshakes.ts';
import { listen } from './listener/listen.ts';
import { type ServerCredential, tlsOptions } from './listener/tls-options.ts';
import { watchedEnd } from './listener/watched-end.ts';
import type { SharedState } from './shared-state.ts';

export interface BrokerOptions {
  readonly clock: Clock;
  readonly settling?: Settling;
  readonly host: string;
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
  /** `redis://127.0.0.1:<port>`: what the nodes of one broker share. Absent: it is alone. */
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
  readonly #raw = new Set<Socket>();
  /** TCP connections that count against their address; a TLS socket is found by the socket below it. */
  readonly #slots = new Map<string, AddressSlot>();
  readonly #handshakes: Handshakes;
  readonly #servers: Server[] = [];
  #port = 0;
  #plaintextPort: number | undefined;

  private constructor(options: BrokerOptions, handler: ConnectionHandler) {
    this.#options = options;
    this.#settling = options.settling ?? unsettled;
    this.#handler = handler;
    const { audit, quota } = handler;
    this.#handshakes = new Handshakes(
      options.clock,
      options.controls,
      quota?.limits.handshakeMs,
      ({ remoteAddress, control, cause, late }) => {
        const address = plainAddress(remoteAddress);
        if (late) audit.limit({ address }, 'session.refused', { code: 'handshake-time', cause });
        else audit.refused({ address }, control, cause);
      },
    );
  }

  /** @throws PumprangeError `PR_GUARDRAIL`, `PR_PORT_IN_USE`, `PR_PORT_DENIED` */
  static async start(options: BrokerOptions): Promise<Broker> {
    if (!isLoopback(options.host)) {
      throw new PumprangeError('PR_GUARDRAIL', `the broker may not listen on ${options.host}`);
    }
    const shared = await sharedStateOf(options);
    const broker = new Broker(options, await ConnectionHandler.start({ ...options, shared }));
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
    const { host, port, credential, controls } = this.#options;
    const server = createTlsServer(tlsOptions(credential, controls));
    server.on('connection', (socket: Socket) => {
      if (this.#track(socket)) this.#handshakes.begin(socket);
    });
    server.on('secureConnection', (socket: TLSSocket) => this.#arrived(socket, 'tls'));
    server.on('tlsClientError', (error, socket) => {
      this.#handshakes.failing(socket, error);
      socket.destroy();
    });
    this.#servers.push(server);
    this.#port = await listen(server, host, port);
    if (controls.has('mutual-tls')) return;
    const plain = createServer({ noDelay: true }, (socket) => {
      if (this.#track(socket)) this.#arrived(socket, 'plaintext');
    });
    this.#servers.push(plain);
    this.#plaintextPort = await listen(plain, host, this.#options.plaintextPort ?? 0);
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
    const name = remoteEnd(socket);
    if (slot !== undefined) this.#slots.set(name, slot);
    this.#raw.add(socket);
    socket.once('close', () => {
      this.#raw.delete(socket);
      slot?.release();
      if (this.#slots.get(name) === slot) this.#slots.delete(name);
    });
    return true;
  }

  /** A connection whose cleartext can flow: judge the peer, then hand it to MQTT. */
  #arrived(socket: Socket | TLSSocket, listener: 'tls' | 'plaintext'): void {
    const { clock, controls, judge } = this.#options;
    this.#handshakes.succeeded(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    const chain = listener === 'tls' && 'getPeerX509Certificate' in socket ? presentedChain(socket) : [];
    const admission = admit(chain, judge, controls, clock.now());
    const address = plainAddress(socket.remoteAddress);
    if (!admission.admitted) {
      const { control, refusal, detail, fingerprint } = admission.verdict;
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

/** The libraries are loaded only where several nodes share something. */
async function sharedStateOf({ redis, evidence }: BrokerOptions): Promise<SharedState | undefined> {
  if (redis === undefined) return undefined;
  const { openSharedState } = await import('./shared-state.ts');
  return openSharedState(redis, (cause) =>
    evidence({ source: 'broker', event: 'store.failed', outcome: 'observed', visibility: 'blue', cause }),
  );
}

function remoteEnd(socket: Socket): string {
  return `${socket.remoteAddress}:${socket.remotePort}`;
}

function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:/, '') ?? 'unknown';
}
