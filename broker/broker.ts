import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { type Clock, type Settling, unsettled } from '../clock/index.ts';
import {
  type CertificateJudge,
  type ControlId,
  type EvidenceSink,
  type Identity,
  isLoopback,
  PumprangeError,
  parseTopic,
  presentedChain,
  sameIdentity,
  urnOf,
} from '../protocol/index.ts';
import { AedesAdapter, type ConnectRequest, type SessionHooks } from './aedes-adapter.ts';
import { admit } from './listener/admission.ts';
import { Handshakes } from './listener/handshakes.ts';
import { listen } from './listener/listen.ts';
import { type ServerCredential, tlsOptions } from './listener/tls-options.ts';
import { bindIdentity } from './policy/binding.ts';
import { decide, type PolicyDecision, type PolicyRequest } from './policy/decide.ts';
import { type Session, watchKeepAlive } from './session.ts';

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
  readonly evidence: EvidenceSink;
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

/** From the connection to CONNECT [MQTT-3.1.4], on the Clock. */
const CONNECT_MS = 10_000;
/** A CONNECT with a long client id and a will fits many times over. */
const MOST_BEFORE_CONNECT_BYTES = 64 * 1024;

/**
 * The MQTT broker: TLS listener, identity from the certificate, a deny-by-default policy, and an audit entry for every
 * session, denial and command. Allowed telemetry is counted, not recorded one by one.
 */
export class Broker {
  readonly #options: BrokerOptions;
  readonly #settling: Settling;
  readonly #sessions = new Map<Socket, Session>();
  /** Sessions that have ended too: Aedes asks for a will when the connection has closed. */
  readonly #sessionOf = new WeakMap<Socket, Session>();
  readonly #raw = new Set<Socket>();
  readonly #handshakes: Handshakes;
  readonly #servers: Server[] = [];
  #adapter: AedesAdapter | undefined;
  #sessionNumber = 0;
  #published = 0;
  #delivered = 0;
  #denied = 0;
  #port = 0;
  #plaintextPort: number | undefined;

  private constructor(options: BrokerOptions) {
    this.#options = options;
    this.#settling = options.settling ?? unsettled;
    this.#handshakes = new Handshakes(options.clock, options.controls, ({ remoteAddress, control, cause }) =>
      this.#notAdmitted(plainAddress(remoteAddress), control, cause),
    );
  }

  /** @throws PumprangeError `PR_GUARDRAIL`, `PR_PORT_IN_USE`, `PR_PORT_DENIED` */
  static async start(options: BrokerOptions): Promise<Broker> {
    if (!isLoopback(options.host)) {
      throw new PumprangeError('PR_GUARDRAIL', `the broker may not listen on ${options.host}`);
    }
    const broker = new Broker(options);
    broker.#adapter = await AedesAdapter.start(broker.#hooks());
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
    let clients = 0;
    for (const session of this.#sessions.values()) if (session.open) clients += 1;
    return { clients, published: this.#published, delivered: this.#delivered, denied: this.#denied };
  }

  /** Identities with an open session. */
  connected(): Identity[] {
    return [...this.#sessions.values()].flatMap((session) =>
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
    for (const session of this.#sessions.values()) {
      if (session.certificate?.fingerprint !== fingerprint) continue;
      dropped += 1;
      this.#drop(session, 'certificate-revocation', 'the certificate was revoked');
    }
    return dropped;
  }

  /** Stops as if the power went: no goodbye, all connections cut, nothing kept. */
  async stop(): Promise<void> {
    const closing = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#raw) socket.destroy();
    for (const session of this.#sessions.values()) session.socket.destroy();
    await this.#adapter?.close();
    await Promise.all(closing);
  }

  async #listen(): Promise<void> {
    const { host, port, credential, controls } = this.#options;
    const server = createTlsServer(tlsOptions(credential, controls));
    server.on('connection', (socket: Socket) => {
      this.#track(socket);
      this.#handshakes.begin(socket);
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
      this.#track(socket);
      this.#arrived(socket, 'plaintext');
    });
    this.#servers.push(plain);
    this.#plaintextPort = await listen(plain, host, this.#options.plaintextPort ?? 0);
  }

  #track(socket: Socket): void {
    this.#raw.add(socket);
    socket.once('close', () => this.#raw.delete(socket));
    socket.on('error', () => undefined); // the session records why it ended
  }

  /** A connection whose cleartext can flow: judge the peer, then hand it to MQTT. */
  #arrived(socket: Socket | TLSSocket, listener: Session['listener']): void {
    const { clock, controls, judge } = this.#options;
    this.#handshakes.succeeded(socket);
    socket.setNoDelay(true);
    this.#settling.watch('server', socket);
    socket.on('error', () => undefined);
    const chain = listener === 'tls' && 'getPeerX509Certificate' in socket ? presentedChain(socket) : [];
    const admission = admit(chain, judge, controls, clock.now());
    const address = plainAddress(socket.remoteAddress);
    if (!admission.admitted) {
      const { control, refusal, detail, fingerprint } = admission.verdict;
      this.#notAdmitted(address, control, `${refusal}: ${detail}`, fingerprint);
      socket.destroy();
      return;
    }
    this.#sessionNumber += 1;
    const session: Session = {
      number: this.#sessionNumber,
      socket,
      listener,
      address,
      certificate: admission.verdict,
      identity: undefined,
      clientId: undefined,
      dropped: undefined,
      refusalRecorded: false,
      expiry: undefined,
      open: false,
      lastHeardMs: clock.now(),
      waiting: clock.after(CONNECT_MS, () => {
        this.#refused(session, 'CONNECT did not come in time');
        socket.destroy();
      }),
    };
    const { certificate } = session;
    if (certificate !== undefined) {
      session.expiry = clock.at(certificate.notAfterMs + 1, () =>
        this.#drop(session, 'mutual-tls', 'the certificate has expired'),
      );
    }
    socket.on('readable', () => {
      if (session.clientId !== undefined || socket.bytesRead <= MOST_BEFORE_CONNECT_BYTES) return;
      this.#refused(session, 'too much was sent before CONNECT');
      socket.destroy();
    });
    this.#sessions.set(socket, session);
    this.#sessionOf.set(socket, session);
    socket.once('close', () => {
      session.waiting?.cancel();
      session.expiry?.cancel();
      this.#ended(session, 'the connection closed');
      this.#sessions.delete(socket);
    });
    this.#adapter?.handle(socket);
  }

  /** A peer that never became a session. */
  #notAdmitted(address: string, control: ControlId | null, cause: string, fingerprint?: string): void {
    this.#denied += 1;
    this.#options.evidence({
      source: 'broker',
      event: 'session.refused',
      outcome: 'denied',
      visibility: 'blue',
      address,
      control,
      cause,
      certificateFingerprint: fingerprint ?? null,
    });
  }

  #hooks(): SessionHooks {
    return {
      connect: (socket, request) => this.#connect(socket, request),
      refused: (socket, reason) => {
        const session = this.#sessions.get(socket);
        if (session !== undefined) this.#refused(session, reason);
      },
      mayPublish: (socket, topic, retain) => {
        const allowed = this.#allows(socket, { action: 'publish', topic, retain });
        const parsed = parseTopic(topic);
        if (allowed && parsed?.kind === 'pump' && (parsed.topic === 'command' || parsed.topic === 'order')) {
          const session = this.#sessions.get(socket);
          if (session) this.#record(session, 'publish.allowed', 'allowed', null, null, topic);
        }
        return allowed;
      },
      maySubscribe: (socket, filter) => this.#allows(socket, { action: 'subscribe', filter }),
      published: () => {
        this.#published += 1;
      },
      delivered: () => {
        this.#delivered += 1;
      },
      ready: (socket) => {
        const session = this.#sessions.get(socket);
        if (session === undefined || session.open) return;
        session.open = true;
        this.#record(session, 'session.opened', 'allowed', null, null);
      },
      closed: (socket) => {
        const session = this.#sessions.get(socket);
        if (session !== undefined) this.#ended(session, 'the session ended');
      },
      alive: (socket) => {
        const session = this.#sessions.get(socket);
        if (session !== undefined) session.lastHeardMs = this.#options.clock.now();
      },
      failed: (socket, reason) => {
        const session = this.#sessions.get(socket);
        if (session === undefined) return;
        if (session.open) this.#ended(session, reason);
        else this.#refused(session, reason);
      },
    };
  }

  #connect(
    socket: Socket,
    request: ConnectRequest,
  ): { readonly clientId: string } | { readonly refused: string } {
    const { controls, clock } = this.#options;
    const session = this.#sessions.get(socket);
    if (session === undefined) return { refused: 'the session is gone' };
    const binding = bindIdentity(session.certificate?.identity, request.clientId, controls, session.number);
    if (!binding.bound) {
      this.#denied += 1;
      session.refusalRecorded = true;
      this.#record(session, 'session.refused', 'denied', binding.control, binding.cause);
      return { refused: binding.cause };
    }
    session.identity = binding.identity;
    session.clientId = binding.clientId;
    if (request.will !== undefined) {
      // A will is a publication that is made later: judged now, so that it cannot surprise anybody then.
      const allowed = this.#allows(socket, {
        action: 'publish',
        topic: request.will.topic,
        retain: request.will.retain,
      });
      if (!allowed) {
        session.refusalRecorded = true; // with the control that denied the will
        return { refused: 'the will may not be published' };
      }
    }
    for (const other of this.#sessions.values()) {
      if (other === session || !other.open || other.clientId !== session.clientId) continue;
      const same = other.identity !== undefined && sameIdentity(other.identity, binding.identity);
      this.#record(
        other,
        'session.taken-over',
        'observed',
        null,
        same ? 'the same identity connected again' : 'by another identity',
      );
    }
    watchKeepAlive(session, request.keepAliveS, clock, () => {
      this.#ended(session, 'nothing was heard for 1.5 times the keep-alive');
      socket.destroy();
    });
    return { clientId: binding.clientId };
  }

  #allows(socket: Socket, request: PolicyRequest): boolean {
    const session = this.#sessionOf.get(socket);
    if (session?.identity === undefined) return false;
    const decision: PolicyDecision = session.dropped
      ? { allowed: false, control: session.dropped, cause: 'the certificate does not count any more' }
      : decide(session.identity, request, this.#options.controls);
    if (decision.allowed) return true;
    this.#denied += 1;
    const object = request.action === 'publish' ? request.topic : request.filter;
    this.#record(session, `${request.action}.denied`, 'denied', decision.control, decision.cause, object);
    return false;
  }

  /** Ends a session whose certificate does not count any more. */
  #drop(session: Session, control: ControlId, cause: string): void {
    session.dropped = control;
    this.#denied += 1;
    this.#record(session, 'session.dropped', 'denied', control, cause);
    session.socket.destroy();
  }

  /** A session that never came to be, for a reason of the protocol; recorded once. */
  #refused(session: Session, cause: string): void {
    if (session.refusalRecorded) return;
    session.refusalRecorded = true;
    this.#denied += 1;
    this.#record(session, 'session.refused', 'denied', null, cause);
  }

  #ended(session: Session, cause: string): void {
    if (!session.open) return;
    session.open = false;
    this.#record(session, 'session.closed', 'observed', null, cause);
  }

  #record(
    session: Session,
    event: string,
    outcome: 'allowed' | 'denied' | 'observed',
    control: ControlId | null,
    cause: string | null,
    object: string | null = null,
  ): void {
    const identity = session.identity ?? session.certificate?.identity;
    this.#options.evidence({
      source: 'broker',
      event,
      outcome,
      visibility: 'blue',
      address: session.address,
      session: session.clientId ?? null,
      subject: identity === undefined ? null : urnOf(identity),
      certificateFingerprint: session.certificate?.fingerprint ?? null,
      control,
      cause,
      object,
    });
  }
}

function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:/, '') ?? 'unknown';
}
