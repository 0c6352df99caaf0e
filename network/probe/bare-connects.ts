import { connect, createServer } from 'node:net';
import { Bounded } from './bounded.ts';

const AT_A_TIME = 256;

/** What so many bare `net.connect` calls to a listener on loopback take on this machine now, in milliseconds. */
export async function bareConnectsMs(count: number): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) =>
    server.listen({ host: '127.0.0.1', port: 0, backlog: AT_A_TIME }, resolve),
  );
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const bounded = new Bounded(AT_A_TIME);
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: count }, () =>
      bounded.run(
        () =>
          new Promise<void>((resolve) => {
            const socket = connect({ host: '127.0.0.1', port }, () => socket.destroy());
            socket.on('error', () => undefined);
            socket.once('close', () => resolve());
          }),
      ),
    ),
  );
  const ms = performance.now() - begun;
  await new Promise((resolve) => server.close(resolve));
  return ms;
}
