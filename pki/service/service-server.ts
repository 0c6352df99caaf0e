import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import { TLSSocket, type TlsOptions } from 'node:tls';
import type { Clock, Settling } from '../../clock/index.ts';
import {
  type EvidenceSink,
  isOurs,
  listenBeside,
  PumprangeError,
  presentedChain,
} from '../../protocol/index.ts';
import { addressOf, Connections } from './connections.ts';
import { EvidenceThrottle } from './evidence-throttle.ts';
import { plainAnswer, type RequestHandler, type ServiceRequest, type ServiceResponse } from './handler.ts';

export interface ServiceServerOptions {
  readonly clock: Clock;
  readonly settling: Settling;
  readonly host: string;
  /** Further addresses that it listens on, at the same port. */
  readonly alsoOn?: readonly string[] | undefined;
  /** 0 asks the system for a free port. */
  readonly port: number;
  /** PEM. Absent: plain HTTP, as CRLs and OCSP are served, which are signed themselves. */
  readonly tls?: {
    readonly chainPem: string;
    readonly privateKeyPem: string;
    /** Roots whose names are told to clients, so that they know which certificate to show. */
    readonly clientRootPems: readonly string[];
  };
  /** Asked in turn. */
  readonly handlers: readonly RequestHandler[];
  readonly evidence: EvidenceSink;
  /** Whether the network lets somebody reach this service; absent: whoever gets here comes in. */
  readonly reaches?: ((socket: Socket) => boolean) | undefined;
}

export interface ServiceServer {
  readonly port: number;
  /** Whoever connects from now on is shown another certificate. Does nothing without TLS. */
  present(credential: { readonly chainPem: string; readonly privateKeyPem: string }): void;
  /** Stops as if the power went: all connections are cut. */
  stop(): Promise<void>;
}

/** Far above any honest request; a certification request has a tenth of it. */
const MOST_BODY_BYTES = 16_384;
/** What is read and thrown away after that, so that the client can read the answer before it is cut. */
const MOST_DRAINED_BYTES = 1_048_576;

/**
 * Serves the PKI's handlers over HTTP, with TLS or without: one request a connection. It judges nobody: the handlers get
 * what the client presented.
 *
 * @throws PumprangeError `PR_GUARDRAIL`, `PR_PORT_IN_USE`, `PR_PORT_DENIED`
 */
export async function startServiceServer(options: ServiceServerOptions): Promise<ServiceServer> {
  const { clock, settling, host, alsoOn = [], tls } = options;
  const stranger = [host, ...alsoOn].find((one) => !isOurs(one));
  if (stranger !== undefined) {
    throw new PumprangeError('PR_GUARDRAIL', `the PKI may not listen on ${stranger}`);
  }
  const refusals = new EvidenceThrottle(clock, options.evidence);
  const connections = new Connections(clock, refusals);
  const answered = new WeakSet<Socket>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    // What was pipelined behind the first is dropped: the answer to that closes the connection.
    if (!connections.ask(request.socket)) return;
    response.shouldKeepAlive = false;
    receive(request, (body) => {
      answered.add(request.socket);
      respond(request, response, handle(requestOf(request, body), options));
    });
  };
  const secured = tls === undefined ? undefined : createTlsServer(tlsOptions(tls), answer);
  const server = secured ?? createPlainServer(answer);
  // In real time; ours is on the Clock.
  server.headersTimeout = 0;
  server.requestTimeout = 0;
  // Node.js itself drops those of HTTP/1.1.
  server.maxRequestsPerSocket = 1;
  server.on('connection', (socket: Socket) => {
    if (options.reaches?.(socket) === false) return;
    socket.setNoDelay(true);
    socket.on('error', () => undefined); // it closes, and that is all there is to know
    connections.begin(socket, tls !== undefined);
    if (tls === undefined) settling.watch('server', socket);
  });
  server.on('secureConnection', (socket: TLSSocket) => {
    connections.handshaken(socket);
    socket.on('error', () => undefined);
    settling.watch('server', socket);
  });
  server.on('tlsClientError', (_error: Error, socket: TLSSocket) => socket.destroy());
  server.on('clientError', (_error: Error, socket: Socket) => {
    // An answer is on its way already: a second one would be taken for a part of it.
    if (socket.writable && !answered.has(socket))
      socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    else socket.destroy();
  });
  const port = await listen(server, host, options.port, alsoOn);
  return {
    port,
    present: (credential) => {
      if (tls !== undefined) secured?.setSecureContext(tlsOptions({ ...tls, ...credential }));
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        connections.cut();
        refusals.stop();
      }),
  };
}

function tlsOptions(tls: NonNullable<ServiceServerOptions['tls']>): TlsOptions {
  return {
    cert: tls.chainPem,
    key: tls.privateKeyPem,
    ca: [...tls.clientRootPems],
    requestCert: true,
    // OpenSSL proves possession; the judge decides, at Clock time (docs/decisions/0002).
    rejectUnauthorized: false,
    // [RFC 7030 §3.3.1] asks for 1.1 at least; [RFC 8996] has ended it.
    minVersion: 'TLSv1.2',
    // Ours runs on the Clock.
    handshakeTimeout: 2_147_483_647,
  };
}

/** Calls back once, with the body or with the news that it is too large; never if the client goes away before. */
function receive(request: IncomingMessage, received: (body: Buffer | 'too-large') => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    const before = bytes;
    bytes += chunk.byteLength;
    if (bytes <= MOST_BODY_BYTES) chunks.push(chunk);
    else if (before <= MOST_BODY_BYTES) {
      chunks.length = 0;
      received('too-large');
    }
    if (bytes > MOST_DRAINED_BYTES) request.socket.destroy();
  });
  request.on('error', () => undefined);
  request.on('end', () => {
    if (bytes <= MOST_BODY_BYTES) received(Buffer.concat(chunks));
  });
}

function requestOf(request: IncomingMessage, body: Buffer | 'too-large'): ServiceRequest {
  const { socket } = request;
  return {
    method: request.method ?? '',
    path: (request.url ?? '').split('?', 1)[0] ?? '',
    contentType: request.headers['content-type'],
    ifNoneMatch: request.headers['if-none-match'],
    body,
    chainDer: socket instanceof TLSSocket ? presentedChain(socket) : [],
    address: addressOf(socket),
  };
}

/** Whatever a request does to a handler, the process and the other clients go on. */
function handle(request: ServiceRequest, { handlers, evidence }: ServiceServerOptions): ServiceResponse {
  try {
    for (const handler of handlers) {
      const answer = handler(request);
      if (answer !== undefined) return answer;
    }
    return plainAnswer(404, 'nothing is here');
  } catch (error) {
    evidence({
      source: 'pki',
      event: 'request.failed',
      outcome: 'observed',
      visibility: 'blue',
      address: request.address,
      object: request.path.slice(0, 200),
      cause: error instanceof Error ? error.message : String(error),
    });
    return plainAnswer(500, 'the service failed');
  }
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: ServiceResponse,
): void {
  const bytes = Buffer.from(body);
  // The length of a 304 would be that of what is not sent [RFC 9110 §8.6].
  response.writeHead(status, status === 304 ? headers : { ...headers, 'Content-Length': bytes.byteLength });
  if (request.complete) {
    response.end(bytes);
    return;
  }
  // To end it closes the connection, and a client that is still sending would be reset before it has read the answer.
  response.write(bytes);
  request.once('end', () => response.end());
}

/** Listens, and resolves to the port that the system gave. */
function listen(server: Server, host: string, port: number, alsoOn: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const told = { EADDRINUSE: 'PR_PORT_IN_USE', EACCES: 'PR_PORT_DENIED' } as const;
      const code = error.code === 'EADDRINUSE' || error.code === 'EACCES' ? told[error.code] : undefined;
      const detail = `port ${port} on ${host} cannot be had`;
      reject(code === undefined ? error : new PumprangeError(code, detail, { cause: error }));
    };
    server.once('error', failed);
    server.listen({ host, port, backlog: 1024 }, () => {
      const address = server.address();
      const given = typeof address === 'object' && address !== null ? address.port : port;
      listenBeside(server, alsoOn, given).then(() => resolve(given), failed);
    });
  });
}
