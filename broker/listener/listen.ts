import type { Server } from 'node:net';
import { listenBeside, PumprangeError } from '../../protocol/index.ts';

/** Listens, on further addresses too, and resolves to the port that the system gave. */
export function listen(
  server: Server,
  host: string,
  port: number,
  alsoOn: readonly string[] = [],
): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE') {
        reject(new PumprangeError('PR_PORT_IN_USE', `port ${port} on ${host} is in use`, { cause: error }));
      } else if (error.code === 'EACCES') {
        reject(
          new PumprangeError('PR_PORT_DENIED', `port ${port} on ${host} is not open to this user`, {
            cause: error,
          }),
        );
      } else {
        reject(error);
      }
    };
    server.once('error', failed);
    server.listen({ host, port, backlog: 1024 }, () => {
      server.off('error', failed);
      const address = server.address();
      const given = typeof address === 'object' && address !== null ? address.port : port;
      listenBeside(server, alsoOn, given).then(() => resolve(given), failed);
    });
  });
}
