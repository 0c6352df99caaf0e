import { createConnection, type Socket } from 'node:net';
import { z } from 'zod';
import { ERRORS, type ErrorCode, PumprangeError } from '../protocol/index.ts';
import { controlSocketPath } from './control-socket.ts';
import { LineSplitter } from './line-splitter.ts';

/** A connection to the control socket of a ward. */
export interface ControlClient {
  /**
   * Calls a method.
   *
   * @throws PumprangeError the coded error of the other side; `PR_WARD_NOT_RUNNING` when it is gone or does not answer
   */
  call(method: string, params?: unknown): Promise<unknown>;
  /** Resolves when the connection is gone, from either side. */
  readonly ended: Promise<void>;
  close(): void;
}

const messageSchema = z.union([
  z.object({ id: z.number(), result: z.unknown(), error: z.undefined().optional() }),
  z.object({
    id: z.number(),
    error: z.object({ message: z.string(), data: z.object({ code: z.string() }).optional() }),
  }),
  z.object({ method: z.string(), params: z.unknown() }),
]);

/** A ward answers at once; one that does not is stuck. */
const ANSWER_WITHIN_MS = 10_000;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly guard: NodeJS.Timeout;
}

/**
 * Connects to the ward that runs on a folder.
 *
 * @throws PumprangeError `PR_WARD_NOT_RUNNING`, `PR_DIR_TOO_LONG`, `PR_FILE_UNREADABLE`
 */
export async function connectControl(
  dir: string,
  onNotice: (method: string, params: unknown) => void,
): Promise<ControlClient> {
  const socket = await connected(controlSocketPath(dir), dir);
  const splitter = new LineSplitter();
  const waiting = new Map<number, Waiting>();
  let last = 0;
  const gone = (): PumprangeError =>
    new PumprangeError('PR_WARD_NOT_RUNNING', `the ward on ${dir} has stopped`);
  const ended = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const { reject, guard } of waiting.values()) {
        clearTimeout(guard);
        reject(gone());
      }
      waiting.clear();
      resolve();
    });
  });
  const take = (line: string | null): void => {
    const message = line === null ? undefined : readMessage(line);
    if (message === undefined) return;
    if ('method' in message) {
      onNotice(message.method, message.params);
      return;
    }
    const asked = waiting.get(message.id);
    if (asked === undefined) return;
    waiting.delete(message.id);
    clearTimeout(asked.guard);
    if (message.error === undefined) asked.resolve('result' in message ? message.result : null);
    else asked.reject(asError(message.error.message, message.error.data?.code));
  };
  socket.on('data', (bytes) => {
    for (const line of splitter.take(bytes)) take(line);
  });
  // What follows an error is the close.
  socket.on('error', () => undefined);
  return {
    call: (method, params) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed || !socket.writable) {
          reject(gone());
          return;
        }
        last += 1;
        const id = last;
        const guard = setTimeout(() => {
          waiting.delete(id);
          reject(new PumprangeError('PR_WARD_NOT_RUNNING', `the ward on ${dir} does not answer`));
        }, ANSWER_WITHIN_MS);
        waiting.set(id, { resolve, reject, guard });
        socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      }),
    ended,
    close: () => socket.destroy(),
  };
}

function connected(path: string, dir: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error) => {
      const code = 'code' in error ? error.code : undefined;
      reject(
        code === 'EACCES' || code === 'EPERM'
          ? new PumprangeError('PR_FILE_UNREADABLE', error.message, { cause: error })
          : new PumprangeError('PR_WARD_NOT_RUNNING', `no ward runs on ${dir}`, { cause: error }),
      );
    });
  });
}

function readMessage(line: string): z.infer<typeof messageSchema> | undefined {
  try {
    return messageSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

function asError(message: string, code: string | undefined): PumprangeError {
  return new PumprangeError(code !== undefined && isErrorCode(code) ? code : 'PR_INTERNAL', message);
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
