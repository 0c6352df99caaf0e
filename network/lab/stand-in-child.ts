import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { StandInPort } from './stand-ins.ts';

/**
 * The process that answers in a zone for what is no part of Pumprange: it takes TCP connections and datagrams, and sends a little of what comes back. What it is to listen on
 * comes in as one line on standard input; when that ends, it ends.
 */
const LONGEST_ANSWER_BYTES = 64;
const MOST_CONNECTIONS = 256;
const IDLE_MS = 30_000;

async function listen({ protocol, host, port }: StandInPort): Promise<void> {
  if (protocol === 'tcp') {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.setTimeout(IDLE_MS, () => socket.destroy());
      // So that whoever holds a session can ask whether it is one still.
      socket.on('data', (bytes: Buffer) => socket.write(bytes.subarray(0, LONGEST_ANSWER_BYTES)));
    });
    server.maxConnections = MOST_CONNECTIONS;
    server.listen({ host, port });
    await once(server, 'listening');
    return;
  }
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
  // Never more than was sent: nobody's datagrams grow here.
  socket.on('message', (bytes, { address, port: to }) =>
    socket.send(bytes.subarray(0, LONGEST_ANSWER_BYTES), to, address, () => undefined),
  );
  socket.bind({ address: host, port });
  await once(socket, 'listening');
  socket.on('error', () => undefined);
}

const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => {
  const ports: readonly StandInPort[] = JSON.parse(line);
  Promise.all(ports.map(listen)).then(
    () => process.stdout.write('ready\n'),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
lines.once('close', () => process.exit(0));
process.stdout.on('error', () => process.exit(0));
