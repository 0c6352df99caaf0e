import { once } from 'node:events';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { unsettled } from '../../clock/index.ts';
import type { Credential } from '../../pki/index.ts';
import { clientIdOf, type Identity } from '../../protocol/index.ts';
import { openMqtt, openSocket } from '../../simulator/transport/index.ts';
import { type Floor, openFloor } from '../helpers/floor.ts';
import { figure } from './figure.ts';

const HOST = '127.0.0.1';
/** Handshakes under way at a time: as many as a broker is met with when a floor comes back. */
const AT_ONCE = 20;

interface Connection {
  readonly identity: Identity;
  /** When the client saw its connection end, by the host's monotonic clock. */
  readonly goneAt: Promise<number>;
}

/**
 * From `revoke` to the end of the session as its client sees it, with many others open, against a server that just closes
 * one of as many TLS connections.
 */
export async function revoke(isShort: boolean): Promise<void> {
  const sessions = isShort ? 200 : 1_000;
  const samples = isShort ? 50 : 200;
  const floor = await openFloor({ startMs: Date.now(), lockstep: false });
  try {
    const credentials = Array.from({ length: sessions }, (_, index) =>
      floor.pki.issue({ identity: { kind: 'pump', id: `LVP-${String(index).padStart(4, '0')}` } }),
    );
    const bare = await closing(floor, credentials, samples);
    const connections = await inBatches(credentials, (credential) => session(floor, credential));
    const times = await measured(connections.slice(0, samples), ({ identity }) =>
      floor.pki.revoke(identity, 'keyCompromise'),
    );
    // The last client may see its end before the broker has closed its own.
    const open = (): number => floor.broker.counts().clients;
    for (
      const until = performance.now() + 10_000;
      open() > sessions - samples && performance.now() < until;
    ) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (open() !== sessions - samples) throw new Error(`${open()} sessions are left of ${sessions}`);
    const note = `${sessions} sessions open, ${samples} revoked one by one, all others stay; against closing a bare TLS connection`;
    figure('revoke to session gone, p99', quantile(times, 0.99), 'ms', quantile(bare, 0.99), note);
    figure('revoke to session gone, median', quantile(times, 0.5), 'ms', quantile(bare, 0.5), 'the same');
  } finally {
    await floor.stop();
  }
}

async function session({ clock, pki, broker }: Floor, credential: Credential): Promise<Connection> {
  const socket = await openSocket({
    clock,
    settling: unsettled,
    endpoint: { host: HOST, port: broker.port, listener: 'tls' },
    credential,
    judge: pki.judge({ revocation: true }),
    controls: new Set(['mutual-tls', 'server-identity']),
  });
  const { identity } = credential;
  const goneAt = new Promise<number>((resolve) => {
    socket.once('close', () => resolve(performance.now()));
  });
  await openMqtt(
    socket,
    clock,
    { clientId: clientIdOf(identity), keepAliveS: 0 },
    { message: () => undefined, closed: () => undefined },
  );
  return { identity, goneAt };
}

/** The same number of connections to a bare TLS server, which destroys its end of one after the other. */
async function closing(floor: Floor, credentials: readonly Credential[], samples: number): Promise<number[]> {
  const own = floor.pki.issue({ identity: { kind: 'broker', id: 'broker-02' } });
  const ends = new Map<number, TLSSocket>();
  const server = createServer(
    { cert: own.chainPem, key: own.privateKeyPem, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      socket.on('error', () => undefined);
      ends.set(socket.remotePort ?? 0, socket);
    },
  );
  server.listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const clients: TLSSocket[] = [];
  try {
    const connections = await inBatches(credentials, async (credential) => {
      const socket = connect({
        host: HOST,
        port,
        cert: credential.chainPem,
        key: credential.privateKeyPem,
        rejectUnauthorized: false,
      });
      clients.push(socket);
      socket.on('error', () => undefined);
      socket.resume();
      await once(socket, 'secureConnect');
      const goneAt = new Promise<number>((resolve) => {
        socket.once('close', () => resolve(performance.now()));
      });
      return { localPort: socket.localPort ?? 0, goneAt };
    });
    // With TLS 1.3 a client is done before its server is.
    while (ends.size < credentials.length) await new Promise((resolve) => setImmediate(resolve));
    return await measured(connections.slice(0, samples), ({ localPort }) => ends.get(localPort)?.destroy());
  } finally {
    for (const socket of clients) socket.destroy();
    server.close();
  }
}

async function measured<C extends { readonly goneAt: Promise<number> }>(
  connections: readonly C[],
  end: (connection: C) => unknown,
): Promise<number[]> {
  const times: number[] = [];
  for (const connection of connections) {
    const startedAt = performance.now();
    end(connection);
    times.push((await connection.goneAt) - startedAt);
  }
  return times;
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(work))));
  }
  return results;
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
