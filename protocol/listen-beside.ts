import { createServer, type Server, type Socket } from 'node:net';

/**
 * Listens on further addresses, such as that of the other version of IP, and hands what connects there to a server as its own. They
 * close when it does.
 *
 * @throws the error of the system for an address that cannot be had; those before it stay until the server closes
 */
export async function listenBeside(server: Server, hosts: readonly string[], port: number): Promise<void> {
  for (const host of hosts) {
    const beside = createServer({ noDelay: true }, (socket: Socket) => server.emit('connection', socket));
    server.once('close', () => beside.close());
    await new Promise<void>((resolve, reject) => {
      beside.once('error', reject);
      beside.listen({ host, port, backlog: 1024 }, () => {
        beside.off('error', reject);
        // One that breaks later is closed with the rest.
        beside.on('error', () => undefined);
        resolve();
      });
    });
  }
}
