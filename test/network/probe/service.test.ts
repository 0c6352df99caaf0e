import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probeService } from '../../../network/probe/service.ts';
import { freePort } from '../../helpers/free-port.ts';

async function served(converse: (socket: Socket, nth: number) => void): Promise<number> {
  let nth = 0;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    converse(socket, nth++);
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const greets = (socket: Socket): void => {
  socket.write('PUMPRANGE CONSOLE/1 TRAINING\n');
  socket.once('data', () => socket.end('OK "bye"\n'));
};

describe('a probe of a service of a pump', () => {
  it('is greeted and answered', async () => {
    const port = await served(greets);
    expect(await probeService({ kind: 'service', to: '127.0.0.1', port })).toMatchObject({
      outcome: 'reached',
      detail: 'PUMPRANGE CONSOLE/1 TRAINING | OK "bye"',
    });
  });

  it('comes back where it was turned away', async () => {
    const port = await served((socket, nth) => (nth < 2 ? socket.destroy() : greets(socket)));
    expect(await probeService({ kind: 'service', to: '127.0.0.1', port })).toMatchObject({
      outcome: 'reached',
    });
  });

  it('tells who is silent, who turns away, and who is not there', async () => {
    const [silent, away] = await Promise.all([served(() => undefined), served((socket) => socket.destroy())]);
    const probe = async (port: number) => probeService({ kind: 'service', to: '127.0.0.1', port });
    expect(await probe(silent)).toMatchObject({ outcome: 'not reached', detail: 'silence' });
    expect(await probe(away)).toMatchObject({ outcome: 'not reached', detail: 'turned away' });
    expect(await probe(await freePort())).toMatchObject({ outcome: 'not reached', detail: 'ECONNREFUSED' });
  });
});
