import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Settling } from '../../clock/index.ts';
import { DialRefusedError } from '../../protocol/index.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Milliseconds that `Retry-After` asks to wait; 0 if it does not. */
  readonly retryAfterMs: number;
  readonly body: string;
}

/** From the request to the whole answer, on the Clock. */
const ANSWER_MS = 20_000;
/** Far above any list of authorities. */
const MOST_BYTES = 131_072;

/**
 * One request and its answer on a connection that stands, which is closed by it. The answer comes back as held work.
 *
 * @throws DialRefusedError when no whole answer comes
 */
export function exchange(
  socket: Socket,
  clock: Clock,
  settling: Settling,
  { method, path, contentType, body }: HttpRequest,
): Promise<HttpAnswer> {
  return settling.hold(`the answer to ${method} ${path}`, () => {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        timer.cancel();
        socket.destroy();
        reject(new DialRefusedError(reason));
      };
      const timer = clock.after(ANSWER_MS, () => fail('no answer came in time'));
      const headers = {
        Host: 'est',
        Connection: 'close',
        ...(contentType === undefined ? {} : { 'Content-Type': contentType }),
        ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
      };
      const request = httpRequest({ method, path, headers, createConnection: () => socket });
      request.once('error', (error) => fail(error.message));
      request.once('response', (response) => {
        readBody(response, fail, (text) => {
          timer.cancel();
          resolve({
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            retryAfterMs: retryAfterMs(response),
            body: text,
          });
        });
      });
      request.end(body);
    });
  });
}

function readBody(
  response: IncomingMessage,
  fail: (reason: string) => void,
  read: (text: string) => void,
): void {
  let text = '';
  response.setEncoding('latin1');
  response.on('data', (part: string) => {
    text += part;
    if (text.length > MOST_BYTES) fail('the answer is too large');
  });
  response.once('error', (error) => fail(error.message));
  response.once('end', () => read(text));
}

/** In seconds; a date is not looked at [RFC 9110 §10.2.3]. */
function retryAfterMs({ headers }: IncomingMessage): number {
  const seconds = Number(headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}
