import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { probeReach } from '../../../network/probe/reach.ts';
import { freePort } from '../../helpers/free-port.ts';

async function listener(host: string): Promise<{ port: number; from: string[] }> {
  const from: string[] = [];
  const server = createServer((socket) => {
    from.push(socket.remoteAddress ?? '');
    socket.on('error', () => undefined);
    socket.destroy();
  }).listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, from };
}

async function datagrams(answers: (nth: number) => boolean): Promise<number> {
  const socket = createSocket('udp4');
  let nth = 0;
  socket.on('message', (bytes, { port, address }) => {
    if (answers(nth++)) socket.send(bytes, port, address);
  });
  socket.bind(0, '127.0.0.1');
  onTestFinished(() => void socket.close());
  await once(socket, 'listening');
  return socket.address().port;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

describe('a probe of a port', () => {
  it('finds a TCP port open, from the address that it is told to come from', async () => {
    const { port, from } = await listener('127.0.0.1');
    const answer = await probeReach({ kind: 'tcp', from: '127.20.0.7', to: '127.0.0.1', port });
    expect(answer).toMatchObject({ outcome: 'open' });
    expect(answer.ms).toBeGreaterThan(0);
    await expect.poll(() => from).toEqual(['127.20.0.7']);
  });

  it('finds a TCP port open over IPv6', async () => {
    const { port } = await listener('::1');
    expect(await probeReach({ kind: 'tcp', to: '::1', port })).toMatchObject({ outcome: 'open' });
  });

  it('is refused by a host on whose port nobody listens', async () => {
    const port = await freePort();
    expect(await probeReach({ kind: 'tcp', to: '127.0.0.1', port })).toMatchObject({
      outcome: 'refused',
      by: 'host',
    });
  });

  it('finds a UDP port open that answers, at the second try too', async () => {
    const port = await datagrams((nth) => nth > 0);
    const answer = await probeReach({ kind: 'udp', from: '127.20.0.7', to: '127.0.0.1', port });
    expect(answer).toMatchObject({ outcome: 'open' });
    expect(answer.ms).toBeGreaterThan(250);
  });

  it('is refused by a host on whose UDP port nobody listens', async () => {
    const port = await freeUdpPort();
    const answer = await probeReach({ kind: 'udp', to: '127.0.0.1', port });
    expect(answer).toMatchObject({ outcome: 'refused', by: 'host', detail: 'port unreachable' });
  });

  it('takes what nobody answers for dropped, after a second try', async () => {
    const port = await datagrams(() => false);
    const answer = await probeReach({ kind: 'udp', to: '127.0.0.1', port });
    expect(answer.outcome).toBe('dropped');
    expect(answer.ms).toBeGreaterThanOrEqual(599);
    expect(answer.ms).toBeLessThan(2_000);
  });

  it('says so where it cannot leave from an address that is not there', async () => {
    await expect(probeReach({ kind: 'tcp', from: '10.18.99.7', to: '127.0.0.1', port: 9 })).rejects.toThrow(
      'EADDRNOTAVAIL',
    );
    await expect(probeReach({ kind: 'udp', from: '10.18.99.7', to: '127.0.0.1', port: 9 })).rejects.toThrow(
      'EADDRNOTAVAIL',
    );
  });
});
