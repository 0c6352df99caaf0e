import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { probeSession } from '../../../network/probe/session.ts';
import { freePort } from '../../helpers/free-port.ts';

async function server(onData: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const listening = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => onData(socket));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
  await once(listening, 'listening');
  return (listening.address() as AddressInfo).port;
}

let names = 0;
async function openedThenAsked(port: number): Promise<readonly string[]> {
  names += 1;
  const session = { kind: 'session', name: `s${names}`, to: '127.0.0.1', port } as const;
  const opened = await probeSession({ ...session, step: 'open' });
  const asked = await probeSession({ ...session, step: 'ask' });
  return [opened.outcome, asked.outcome];
}

it('is answered by a server that speaks', async () => {
  expect(await openedThenAsked(await server((socket) => socket.write('what?')))).toEqual([
    'open',
    'answered',
  ]);
});

it('is answered by a server that hangs up', async () => {
  expect(await openedThenAsked(await server((socket) => socket.destroy()))).toEqual(['open', 'answered']);
});

it('is silent where nothing comes back', async () => {
  expect(await openedThenAsked(await server(() => undefined))).toEqual(['open', 'silent']);
});

it('is none where nothing listens', async () => {
  expect(await openedThenAsked(await freePort())).toEqual(['ended', 'ended']);
});
