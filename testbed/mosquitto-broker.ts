import { createServer } from 'node:net';
import { MosquittoLog, startMosquitto } from '../broker/index.ts';
import { type Clock, type Random, unsettled } from '../clock/index.ts';
import type { Pki } from '../pki/index.ts';
import {
  clientIdOf,
  type EvidenceSink,
  type Identity,
  type Posture,
  PumprangeError,
} from '../protocol/index.ts';
import { keepConnected } from '../simulator/transport/index.ts';
import { dialer } from './dialer.ts';
import type { FloorBroker, FloorBrokerCounts, FloorPorts } from './floor-broker.ts';
import { BROKER_WATCHER, refreshMosquittoSetup, writeMosquittoSetup } from './mosquitto-setup.ts';
import { HOST } from './testbed.ts';

export interface MosquittoBrokerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly pki: Pki;
  readonly posture: Posture;
  readonly evidence: EvidenceSink;
  /** Folder for its files. */
  readonly out: string;
  readonly nowMs: () => number;
  /** Who will get a certificate while the broker runs. */
  readonly expected: readonly Identity[];
  /** Whether its log has every packet: what it denies is then in the evidence. */
  readonly logsPackets?: boolean;
}

/** Topics below `$SYS` (mosquitto(8), "Broker Status"), by what they count. */
const COUNTED: ReadonlyMap<string, 'clients' | 'published' | 'delivered'> = new Map([
  ['$SYS/broker/clients/connected', 'clients'],
  ['$SYS/broker/publish/messages/received', 'published'],
  ['$SYS/broker/publish/messages/sent', 'delivered'],
]);

/** How often a port that was free a moment ago may turn out to be taken. */
const TRIES = 5;

/**
 * A Mosquitto in the place of our broker: its files, its process, and its accounts below `$SYS`. It ends with this process.
 *
 * @throws PumprangeError `PR_BROKER_MISSING`, `PR_BROKER_FAILED`, `PR_BROKER_POSTURE`, `PR_PORT_IN_USE`, `PR_PORT_DENIED`
 */
export async function startMosquittoBroker(
  options: MosquittoBrokerOptions,
  ports: FloorPorts,
): Promise<FloorBroker> {
  const { pki, posture, out, clock, random, evidence, expected } = options;
  const { controls } = posture;
  const plaintext = !controls.has('mutual-tls');
  // Issued before the access rules are written, which name it.
  const credential = pki.credentialFor(BROKER_WATCHER);
  const { port, plaintextPort, process } = await started(options, ports, plaintext);

  let stopping = false;
  void process.ended.then((said) => {
    if (stopping) return;
    // Nobody waits for it. The pumps notice; and whoever reads the evidence.
    evidence({
      source: 'broker',
      event: 'broker.ended',
      outcome: 'observed',
      visibility: 'blue',
      cause: `Mosquitto ended by itself: ${said.split('\n').at(-1) ?? ''}`,
    });
  });

  const heard: { -readonly [Name in keyof FloorBrokerCounts]: FloorBrokerCounts[Name] } = {
    clients: null,
    published: null,
    delivered: null,
    denied: null,
  };
  // Told in real time, so no simulated time waits for it. What it hears counts itself, and is taken off again.
  const watcher = keepConnected(
    dialer(
      {
        clock,
        settling: unsettled,
        judge: pki.judge({ revocation: false }),
        posture,
        endpoint: () => ({ host: HOST, port, listener: 'tls' }),
      },
      credential,
    ),
    clock,
    random,
    {
      // Nor does it wait for an answer to a ping, which would be due in simulated time.
      options: () => ({ clientId: clientIdOf(BROKER_WATCHER), keepAliveS: 0 }),
      online: (link) => {
        for (const topic of COUNTED.keys()) void link.subscribe(topic, 0);
      },
      offline: () => undefined,
      message: (topic, payload) => {
        const name = COUNTED.get(topic);
        const value = Number(payload.toString());
        if (name === undefined || !Number.isSafeInteger(value)) return;
        heard[name] = name === 'clients' ? Math.max(0, value - 1) : value;
      },
    },
  );

  return {
    port,
    plaintextPort,
    counts: () => ({ ...heard }),
    // It reads the new list for connections to come; sessions that stand it leaves alone.
    dropRevoked: () => undefined,
    takeUpChanges: async () => {
      if (!stopping && refreshMosquittoSetup({ pki, posture, out, expected, nowMs: options.nowMs() }))
        await process.reload();
    },
    stop: async () => {
      stopping = true;
      watcher.end();
      await process.stop();
    },
  };
}

async function started(options: MosquittoBrokerOptions, ports: FloorPorts, plaintext: boolean) {
  for (let tries = 1; ; tries++) {
    const port = ports.tls || (await freePort());
    const plaintextPort = plaintext ? ports.plaintext || (await freePort()) : 0;
    const { pki, posture, out, expected, logsPackets } = options;
    const log = new MosquittoLog(options.evidence);
    const file = writeMosquittoSetup({
      ...{ pki, posture, out, expected, port, plaintextPort, logsPackets },
      nowMs: options.nowMs(),
      overwrite: true,
    });
    try {
      const process = await startMosquitto(file, (line) => log.take(line));
      return { port, plaintextPort: plaintext ? plaintextPort : undefined, process };
    } catch (error) {
      const isTaken = error instanceof PumprangeError && error.code === 'PR_PORT_IN_USE';
      if (!isTaken || ports.tls !== 0 || tries === TRIES) throw error;
    }
  }
}

/** Mosquitto cannot ask the system for a port, so we do; somebody else may be quicker. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
