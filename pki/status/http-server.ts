import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLoopback, PumprangeError } from '../../protocol/index.ts';
import type { HttpHandler } from './status-handler.ts';

export interface StatusServer {
  readonly port: number;
  stop(): Promise<void>;
}

export interface StatusServerOptions {
  /** Loopback. */
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
  readonly handler: HttpHandler;
}

/** Far above any honest request; what is longer is cut off and not read to its end. */
const MAX_BODY_BYTES = 16_384;

/**
 * Serves a handler over plain HTTP, as CRLs and OCSP are: what they say is signed [RFC 6960 §5].
 *
 * @throws PumprangeError `PR_GUARDRAIL`, `PR_PORT_IN_USE`, `PR_PORT_DENIED`
 */
export async function serveStatus({ host, port, handler }: StatusServerOptions): Promise<StatusServer> {
  if (!isLoopback(host)) throw new PumprangeError('PR_GUARDRAIL', `the PKI may not listen on ${host}`);
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000 }, (request, response) =>
    take(request, response, handler),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(new PumprangeError('PR_PORT_IN_USE', `port ${port} is taken`, { cause: error }));
      else if (error.code === 'EACCES')
        reject(new PumprangeError('PR_PORT_DENIED', `port ${port} is not allowed`, { cause: error }));
      else reject(error);
    });
    server.listen(port, host, resolve);
  });
  const address: AddressInfo | string | null = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function take(request: IncomingMessage, response: ServerResponse, handler: HttpHandler): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    length += chunk.byteLength;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
    else if (!response.headersSent) {
      response.writeHead(413, { connection: 'close' }).end();
      response.once('finish', () => request.destroy());
    }
  });
  request.once('end', () => {
    if (response.headersSent) return;
    const { method = 'GET', url = '/', headers } = request;
    const answer = handler({ method, path: url, headers, body: Buffer.concat(chunks) });
    if (answer === undefined) response.writeHead(404).end();
    else {
      const isWhole = answer.status !== 304;
      response.writeHead(answer.status, {
        ...answer.headers,
        ...(isWhole ? { 'content-length': answer.body.byteLength } : {}),
      });
      response.end(method === 'HEAD' ? undefined : answer.body);
    }
  });
}
