import type { Socket } from 'node:net';
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet';
import { clientIdOf, type Identity } from '../../protocol/index.ts';
import { openSocket } from '../../simulator/transport/index.ts';
import type { Floor } from './floor.ts';

/** A client that says exactly what a test wants it to, and nothing by itself. */
export interface RawClient {
  readonly socket: Socket;
  readonly packets: Packet[];
  send(packet: Packet): void;
}

export async function openRaw(floor: Floor, identity: Identity | undefined): Promise<RawClient> {
  const opening = openSocket({
    clock: floor.clock,
    settling: floor.wire,
    endpoint: { host: '127.0.0.1', port: floor.broker.port, listener: 'tls' },
    credential: identity === undefined ? undefined : floor.pki.issue({ identity }),
    controls: new Set(),
  });
  opening.catch(() => undefined);
  await floor.wire.settle();
  const socket = await opening;
  const packets: Packet[] = [];
  const reading = parser({ protocolVersion: 4 });
  reading.on('packet', (packet: Packet) => packets.push(packet));
  socket.on('data', (bytes) => reading.parse(bytes));
  return { socket, packets, send: (packet) => void socket.write(generate(packet)) };
}

/** Opens, says CONNECT and settles. */
export async function connectRaw(
  floor: Floor,
  identity: Identity,
  change: Partial<IConnectPacket> = {},
): Promise<RawClient> {
  const client = await openRaw(floor, identity);
  client.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: clientIdOf(identity),
    keepalive: 0,
    ...change,
  });
  await floor.wire.settle();
  return client;
}
