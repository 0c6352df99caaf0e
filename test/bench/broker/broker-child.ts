import { createServer } from 'node:tls';
import { Aedes } from 'aedes';
import { HeapClock } from '../../../clock/index.ts';
import { openPki } from '../../../pki/index.ts';
import { loadShippedPostures, loadWardData, startComponent } from '../../../testbed/index.ts';

/**
 * A broker as a process of its own, so that what it costs can be read apart from what loads it: `ours` is the component that
 * `pumprange serve broker` starts, under `layered`; `bare` is Aedes behind the TLS of Node.js, with the same certificates and
 * nothing else.
 */

export interface Usage {
  /** User and system, in microseconds. */
  readonly cpuUs: number;
  readonly rssKb: number;
  readonly clients: number;
  /** Publications accepted; 0 of `bare`. */
  readonly published: number;
}

interface Running {
  readonly port: number;
  readonly counts: () => Pick<Usage, 'clients' | 'published'>;
}

const [kind = 'ours', dir = ''] = process.argv.slice(2);
const { port, counts } = kind === 'ours' ? await ours() : await bare();
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const usage: Usage = {
    cpuUs: user + system,
    rssKb: process.memoryUsage().rss / 1_024,
    ...counts(),
  };
  process.send?.(usage);
});
process.on('disconnect', () => process.exit());
process.send?.({ port });

async function ours(): Promise<Running> {
  const posture = loadShippedPostures().find(({ id }) => id === 'layered');
  if (posture === undefined) throw new Error('there is no posture layered');
  const component = await startComponent('broker', {
    data: loadWardData(),
    posture,
    dir,
    port: 0,
    seed: 1,
    pumps: 0,
    node: 1,
  });
  const of = (name: string): number => {
    const status = component.methods.status?.(undefined);
    return typeof status === 'object' && status !== null ? Number(Reflect.get(status, name)) : 0;
  };
  const counts = () => ({ clients: of('clients'), published: of('published') });
  return { port: Number(component.ready.port), counts };
}

async function bare(): Promise<Running> {
  const pki = openPki({ dir: `${dir}/pki`, clock: new HeapClock(Date.now()) });
  const { chainPem, privateKeyPem, rootPem } = pki.credentialFor({ kind: 'broker', id: 'broker-01' });
  const aedes = await Aedes.createBroker();
  const server = createServer(
    { cert: chainPem, key: privateKeyPem, ca: rootPem, requestCert: true, rejectUnauthorized: true },
    (socket) => {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      aedes.handle(socket);
    },
  );
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, counts: () => ({ clients: aedes.connectedClients, published: 0 }) };
}
