import { connect, type TLSSocket } from 'node:tls';
import type { Credential } from '../../pki/index.ts';
import { clientIdOf, type Link } from '../../protocol/index.ts';
import { openMqtt } from '../../simulator/transport/index.ts';
import type { Floor } from './floor.ts';

export const TLS_VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

export interface TlsVisit {
  readonly socket: TLSSocket;
  /** What the server gave to resume with. */
  readonly tickets: Buffer[];
  /** Whether an earlier session was resumed; asked when the handshake ended, for a closed socket no longer knows. */
  readonly resumed: boolean;
}

/** A bare TLS connection of one version, which may resume an earlier one. It judges nobody. */
export async function visit(
  floor: Floor,
  credential: Credential,
  version: TlsVersion,
  session?: Buffer,
): Promise<TlsVisit> {
  const socket = connect({
    host: '127.0.0.1',
    port: floor.broker.port,
    rejectUnauthorized: false,
    minVersion: version,
    maxVersion: version,
    cert: credential.chainPem,
    key: credential.privateKeyPem,
    ...(session && { session }),
  });
  const tickets: Buffer[] = [];
  let resumed = false;
  socket.on('error', () => undefined);
  socket.on('session', (ticket: Buffer) => tickets.push(ticket));
  socket.once('connect', () => floor.wire.watch('client', socket));
  socket.setNoDelay(true);
  await new Promise((resolve) => {
    socket.once('secureConnect', () => {
      resumed = socket.isSessionReused();
      resolve(undefined);
    });
    socket.once('close', resolve);
  });
  await floor.wire.settle();
  return { socket, tickets, resumed };
}

/** Says CONNECT on a TLS connection that stands; rejects if the broker has closed it. */
export async function speakMqtt(floor: Floor, { socket }: TlsVisit, credential: Credential): Promise<Link> {
  const opening = openMqtt(
    socket,
    floor.clock,
    { clientId: clientIdOf(credential.identity), keepAliveS: 0 },
    { message: () => undefined, closed: () => undefined },
  );
  opening.catch(() => undefined);
  await floor.wire.settle();
  return opening;
}

/** A ticket that is good for one resumption. TLS 1.3 sends it after the handshake, so there is something to wait for. */
export async function ticketFor(floor: Floor, credential: Credential, version: TlsVersion): Promise<Buffer> {
  const first = await visit(floor, credential, version);
  while (first.tickets.length === 0) {
    if (first.socket.closed) throw new Error('closed without a ticket');
    await new Promise((resolve) => setImmediate(resolve));
  }
  first.socket.destroy();
  await floor.wire.settle();
  return first.tickets.at(-1)!;
}
