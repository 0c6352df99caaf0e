import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isLoopback, PumprangeError } from '../../protocol/index.ts';
import { listen } from '../listener/listen.ts';
import type { BrokerFigures } from './figures.ts';
import { createMetrics } from './metrics.ts';

export interface StatusServerOptions {
  readonly host: string;
  /** 0 asks the system for a free port. */
  readonly port: number;
  /** `undefined` while there is no broker. */
  readonly figures: () => BrokerFigures | undefined;
}

export interface StatusServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * What whoever runs a broker asks it, over HTTP: `/metrics` for Prometheus, `/healthz` (the process answers) and `/readyz` (it takes
 * sessions, and can keep what it acknowledges).
 *
 * @throws PumprangeError `PR_GUARDRAIL`, `PR_PORT_IN_USE`, `PR_PORT_DENIED`
 */
export async function serveStatus({ host, port, figures }: StatusServerOptions): Promise<StatusServer> {
  if (!isLoopback(host)) throw new PumprangeError('PR_GUARDRAIL', `metrics may not be served on ${host}`);
  const metrics = createMetrics(figures);
  const answer = async ({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const say = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(method === 'HEAD' ? undefined : text);
    };
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD'); // [RFC 9110 §15.5.6]
      return say(405, 'only GET and HEAD\n');
    }
    switch (url?.split('?', 1)[0]) {
      case '/metrics':
        return say(200, await metrics.text(), metrics.contentType);
      case '/healthz':
        return say(200, 'ok\n');
      case '/readyz': {
        const now = figures();
        if (now === undefined) return say(503, 'the broker does not run\n');
        return now.notReady === undefined ? say(200, 'ok\n') : say(503, `${now.notReady}\n`);
      }
      default:
        return say(404, 'there are /metrics, /healthz and /readyz\n');
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const taken = await listen(server, host, port);
  return {
    port: taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
