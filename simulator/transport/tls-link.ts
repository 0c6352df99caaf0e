import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import type { Clock, Settling } from '../../clock/index.ts';
import {
  type CertificateJudge,
  type ControlId,
  DialRefusedError,
  isOurs,
  type Kind,
  PumprangeError,
  presentedChain,
} from '../../protocol/index.ts';

/** What a client shows of itself. PEM. */
export interface ClientCredential {
  readonly chainPem: string;
  readonly privateKeyPem: string;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly listener: 'tls' | 'plaintext';
}

export interface ConnectOptions {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly endpoint: Endpoint;
  /** Absent: no certificate is presented. */
  readonly credential?: ClientCredential | undefined;
  /** Judges the server. Absent: anybody who answers is taken for the broker. */
  readonly judge?: CertificateJudge | undefined;
  /** What the server has to be; `broker` unless told. */
  readonly server?: Kind;
  readonly controls: ReadonlySet<ControlId>;
  /** Offers nothing but the oldest suites, which do not encrypt, as a client that takes the server to know no better. */
  readonly offersOldest?: boolean;
  /** Somebody took the connection and ended it during the handshake, without a word. */
  readonly cutOff?: (() => void) | undefined;
  /** Gives the attempt up. */
  readonly signal?: AbortSignal | undefined;
  /** Simulated time does not wait for what comes of it. */
  readonly unwatched?: boolean | undefined;
  /** Address to speak from. */
  readonly localAddress?: string | undefined;
}

/** From `connect` to the end of the handshake, on the Clock. */
const HANDSHAKE_MS = 10_000;

const contexts = new WeakMap<ClientCredential, SecureContext>();
const oldestContexts = new WeakMap<ClientCredential, SecureContext>();
/** Integrity without encryption [RFC 8422 §6]. */
const OLDEST = {
  ciphers: 'ECDHE-ECDSA-NULL-SHA:ECDHE-RSA-NULL-SHA:@SECLEVEL=0',
  minVersion: 'TLSv1',
  maxVersion: 'TLSv1.2',
} as const;

/**
 * Opens a connection and, on a TLS listener, judges who answers: the one place of `server-identity`. The result comes
 * back as held work, so that under a lockstep handshakes end in the order in which they began.
 *
 * @throws DialRefusedError when there is no connection, or the server is not who it should be
 */
export function openSocket(options: ConnectOptions): Promise<Socket> {
  const { host, port } = options.endpoint;
  if (!isOurs(host)) throw new PumprangeError('PR_GUARDRAIL', `${host} may not be contacted`);
  return options.settling.hold(`the connection to ${host}:${port}`, () => establish(options));
}

function establish(options: ConnectOptions): Promise<Socket> {
  const { endpoint, clock, settling, signal } = options;
  const target = {
    host: endpoint.host,
    port: endpoint.port,
    ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
  };
  return new Promise((resolve, reject) => {
    const socket: Socket | TLSSocket =
      endpoint.listener === 'plaintext'
        ? connectPlain(target)
        : connectTls({
            ...target,
            ...(options.credential
              ? { secureContext: contextOf(options.credential, options.offersOldest === true) }
              : {}),
            // The judge decides; see docs/decisions/0002.
            rejectUnauthorized: false,
            checkServerIdentity: () => undefined,
          });
    const fail = (reason: string, control: ControlId | null = null, cause?: unknown): void => {
      timer.cancel();
      signal?.removeEventListener('abort', givenUp);
      socket.off('error', failed);
      socket.off('close', closed);
      socket.on('error', () => undefined);
      socket.destroy();
      reject(new DialRefusedError(reason, control, { cause }));
    };
    const timer = clock.after(HANDSHAKE_MS, () => fail('the handshake took too long'));
    const givenUp = (): void => fail('it was given up');
    signal?.addEventListener('abort', givenUp);
    let isThere = false;
    socket.once('connect', () => {
      isThere = true;
    });
    const cutOff = (): void => {
      if (isThere && signal?.aborted !== true) options.cutOff?.();
    };
    const failed = (error: Error & { readonly code?: string }): void => {
      // Whoever answers otherwise than in TLS ends it with a reason.
      if (error.code === 'ECONNRESET') cutOff();
      fail(error.message, null, error);
    };
    const closed = (): void => {
      cutOff();
      fail('the connection was closed during the handshake');
    };
    socket.once('error', failed);
    socket.once('close', closed);
    // `tls.connect` takes no `noDelay`; without it each small packet waits for the acknowledgement of the one before.
    socket.setNoDelay(true);
    // Watched from here on: a server's end without one of ours is then known to belong to somebody else.
    if (options.unwatched !== true) socket.once('connect', () => settling.watch('client', socket));
    socket.once(endpoint.listener === 'tls' ? 'secureConnect' : 'connect', () => {
      timer.cancel();
      signal?.removeEventListener('abort', givenUp);
      socket.off('error', failed);
      socket.off('close', closed);
      socket.on('error', () => undefined); // whoever owns the socket sees it close
      const refusal = 'getPeerX509Certificate' in socket ? refuseServer(socket, options) : undefined;
      if (refusal !== undefined) fail(refusal, 'server-identity');
      else resolve(socket);
    });
  });
}

/** Why the server is not the one that was meant, or `undefined`. */
function refuseServer(socket: TLSSocket, options: ConnectOptions): string | undefined {
  const { judge, controls, clock, server = 'broker' } = options;
  if (judge === undefined || !controls.has('server-identity')) return undefined;
  const verdict = judge(presentedChain(socket), 'tls-server', clock.now());
  if (!verdict.accepted) return `the server's certificate was refused: ${verdict.detail}`;
  if (verdict.identity.kind !== server) return `the server is a ${verdict.identity.kind}, not a ${server}`;
  return undefined;
}

/** A context costs 1.4 ms, so each credential gets one, once. */
function contextOf(credential: ClientCredential, oldest: boolean): SecureContext {
  const known = oldest ? oldestContexts : contexts;
  let context = known.get(credential);
  if (context === undefined) {
    const { chainPem: cert, privateKeyPem: key } = credential;
    context = createSecureContext({ cert, key, ...(oldest && OLDEST) });
    known.set(credential, context);
  }
  return context;
}
