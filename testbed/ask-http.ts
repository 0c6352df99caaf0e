import { request } from 'node:http';
import { isOurs, PumprangeError } from '../protocol/index.ts';

export interface HttpQuestion {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Sent with POST as an OCSP request; absent: GET. */
  readonly body?: Uint8Array | undefined;
}

/** In real time: it is about a real socket. */
const PATIENCE_MS = 5_000;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * One request over plain HTTP, to this machine or within the project's networks; resolves to the body of a 200.
 *
 * @throws PumprangeError PR_GUARDRAIL for anything else
 */
export function askHttp({ host, port, path, body }: HttpQuestion): Promise<Uint8Array> {
  if (!isOurs(host))
    throw new PumprangeError('PR_GUARDRAIL', `${host} is neither this machine nor in our networks`);
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/ocsp-request', 'content-length': body.byteLength };
    const method = body === undefined ? 'GET' : 'POST';
    const asked = request(
      { host, port, path, method, headers, agent: false, timeout: PATIENCE_MS },
      (answer) => {
        const chunks: Buffer[] = [];
        let length = 0;
        answer.on('data', (chunk: Buffer) => {
          length += chunk.byteLength;
          if (length > MAX_ANSWER_BYTES) asked.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        answer.once('error', reject);
        answer.once('end', () => {
          if (answer.statusCode === 200) resolve(Buffer.concat(chunks));
          else reject(new Error(`HTTP status ${answer.statusCode}`));
        });
      },
    );
    asked.once('timeout', () => asked.destroy(new Error('no answer came in time')));
    // Without address and port, which differ from run to run and are no part of what happened.
    asked.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === undefined
          ? error
          : new Error(`the connection failed: ${error.code}`, { cause: error }),
      ),
    );
    asked.end(body);
  });
}
