import { createServer } from 'node:net';

let answer: Promise<boolean> | undefined;

/**
 * Whether this machine answers on all of 127.0.0.0/8, as Linux does. macOS has 127.0.0.1 alone, unless somebody adds others;
 * there is no emulated network then. Asked once for each process.
 */
export function hasLoopbackRange(): Promise<boolean> {
  answer ??= new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.20.0.1', port: 0 }, () => server.close(() => resolve(true)));
  });
  return answer;
}
