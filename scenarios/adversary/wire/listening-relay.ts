import type { Socket } from 'node:net';
import { parser } from 'mqtt-packet';
import type { WatchedSocket } from '../../../clock/index.ts';
import type { AttackGround } from '../../engine/port.ts';
import { cleartextOf, offersNoEncryption, TlsRecords } from './tls-records.ts';

/** Cleartext that has gone by, by direction. */
interface Passed {
  toBroker: number;
  toClient: number;
}

/**
 * Passes the bytes of one connection on to the broker and changes none of them. A client that offers encryption is cut off, so that it comes back
 * with less, if it is one that does; of a session without encryption everything is read.
 */
export async function relayAndListen(
  ground: AttackGround,
  client: Socket,
  heard: (topic: string, payload: Buffer) => void,
): Promise<void> {
  const passed: Passed = { toBroker: 0, toClient: 0 };
  ground.settling.watch('server', endOf(client, passed, 'server'));
  const fromClient = new TlsRecords();
  const reading = parser({ protocolVersion: 4 });
  reading.on('packet', (packet) => {
    if (packet.cmd === 'publish') heard(packet.topic, Buffer.from(packet.payload));
  });
  reading.on('error', () => undefined);
  const endpoint = ground.endpoint({ service: 'broker', listener: 'tls' });
  let broker: Socket | undefined;
  let early: Buffer[] = [];
  let isCut = false;
  const cut = (): void => {
    isCut = true;
    client.destroy();
    broker?.destroy();
  };
  client.once('close', cut);
  client.on('data', (bytes: Buffer) => {
    for (const record of fromClient.push(bytes)) {
      if (offersNoEncryption(record) === false) return cut();
      const cleartext = cleartextOf(record);
      if (cleartext === undefined) continue;
      passed.toBroker += cleartext.length;
      reading.parse(cleartext);
    }
    if (broker === undefined) early.push(bytes);
    else broker.write(bytes);
  });
  if (endpoint === undefined) return cut();
  try {
    // What the handshake says is no cleartext of either end: it is watched here, by what is.
    broker = await ground.open({ ...endpoint, over: 'plaintext', silent: true, passesOn: true });
  } catch {
    return cut();
  }
  if (isCut) return cut();
  const fromBroker = new TlsRecords();
  ground.settling.watch('client', endOf(broker, passed, 'client'));
  broker.on('error', () => undefined);
  broker.once('close', cut);
  broker.on('data', (bytes: Buffer) => {
    for (const record of fromBroker.push(bytes)) passed.toClient += cleartextOf(record)?.length ?? 0;
    client.write(bytes);
  });
  for (const bytes of early) broker.write(bytes);
  early = [];
}

/** An end of ours as simulated time knows it: by the cleartext that has gone by. */
function endOf(socket: Socket, passed: Passed, side: 'client' | 'server'): WatchedSocket {
  return {
    get bytesRead() {
      return side === 'server' ? passed.toBroker : passed.toClient;
    },
    get bytesWritten() {
      return side === 'server' ? passed.toClient : passed.toBroker;
    },
    get readableLength() {
      return socket.readableLength;
    },
    get writableLength() {
      return socket.writableLength;
    },
    get closed() {
      return socket.closed;
    },
    localAddress: socket.localAddress,
    localPort: socket.localPort,
    remoteAddress: socket.remoteAddress,
    remotePort: socket.remotePort,
    once: (event, listener) => socket.once(event, listener),
  };
}
