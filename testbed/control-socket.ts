import { lstatSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join, relative } from 'node:path';
import { PumprangeError } from '../protocol/index.ts';
import { type ControlMethods, openControlPort } from './control-port.ts';

/** What one connection may call, and what is to be done when it is gone. */
export interface ControlSession {
  readonly methods: ControlMethods;
  close(): void;
}

/** Says something to one connection without being asked. */
export type Notify = (method: string, params: unknown) => void;

export interface ControlSocket {
  readonly path: string;
  close(): Promise<void>;
}

/** More do not come at once; more than that is a fault, or malice. */
const MOST_CONNECTIONS = 64;
/** Who does not read what is said is cut off when so much waits for them, in bytes. */
const MOST_UNREAD_BYTES = 1_048_576;
/** Shortest limit of the systems that Pumprange runs on, less the closing zero byte [unix(7): 108; macOS: 104]. */
const LONGEST_PATH_BYTES = 103;

/**
 * Where the control socket of a folder is. The shorter of the absolute and the relative path: systems take only short ones.
 *
 * @throws PumprangeError `PR_DIR_TOO_LONG`
 */
export function controlSocketPath(dir: string): string {
  const absolute = join(dir, 'control.sock');
  const path = [absolute, relative(process.cwd(), absolute)]
    .map((one) => ({ one, bytes: Buffer.byteLength(one) }))
    .reduce((a, b) => (b.bytes < a.bytes ? b : a));
  if (path.bytes > LONGEST_PATH_BYTES)
    throw new PumprangeError(
      'PR_DIR_TOO_LONG',
      `${absolute} has ${path.bytes} bytes, a socket may have ${LONGEST_PATH_BYTES}`,
    );
  return path.one;
}

/**
 * Opens the control socket of a ward: a Unix domain socket that only this user may use. The caller holds the lock of the folder, so
 * a socket that is there was left by a ward that was killed, and is replaced.
 *
 * @returns `undefined` on Windows
 * @throws PumprangeError `PR_DIR_TOO_LONG`, `PR_DISK`
 */
export async function openControlSocket(
  dir: string,
  session: (notify: Notify) => ControlSession,
): Promise<ControlSocket | undefined> {
  // Known limit: a named pipe would have to be guarded in another way.
  if (process.platform === 'win32') return undefined;
  const path = controlSocketPath(dir);
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    connections.add(socket);
    const { methods, close } = session((method, params) => {
      if (socket.writableLength > MOST_UNREAD_BYTES) socket.destroy();
      else if (!socket.destroyed) port.notify(method, params);
    });
    const port = openControlPort(methods, socket, socket);
    void port.ended.then(() => {
      connections.delete(socket);
      close();
      // What was said is still sent; nothing more is read.
      socket.end();
      socket.resume();
      setTimeout(() => socket.destroy(), LINGER_MS).unref();
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  removeStale(path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new PumprangeError('PR_DISK', error.message, { cause: error })));
    server.once('listening', resolve);
    // The file is made within `listen`, with the rights that the mask leaves: 0600 from its first moment.
    const mask = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(mask);
    }
  });
  return {
    path,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of connections) socket.destroy();
      await closed;
      rmSync(path, { force: true });
    },
  };
}

const LINGER_MS = 1_000;

function removeStale(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new PumprangeError('PR_DISK', `${path} is there and is no socket`);
  rmSync(path);
}
