import { join } from 'node:path';
import { Broker } from '../broker/index.ts';
import { unsettled } from '../clock/index.ts';
import { clientIdOf, PumprangeError, parseSerial, urnOf } from '../protocol/index.ts';
import { openServerStore, PumpServer, type ServerStore, STORE_FILE } from '../pump-server/index.ts';
import { keepConnected } from '../simulator/transport/index.ts';
import { createEvidenceLog, openLineFile } from '../supervision/index.ts';
import type { ControlMethods } from './control-port.ts';
import type { WardData } from './data.ts';
import { lockDir } from './dir-lock.ts';
import { startPkiService } from './enrolment.ts';
import { dialer } from './fleet.ts';
import { type GroundOptions, ground } from './ground.ts';
import { libraryMethods } from './library-desk.ts';
import { type OperationsOptions, openOperations } from './operations.ts';
import { runPumps } from './run-pumps.ts';
import { WHOLE } from './shard.ts';
import { HOST, SERVER } from './testbed.ts';

/** A part of the testbed that runs as a process of its own. */
export interface Component {
  /** What it says once it is ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly methods: ControlMethods;
  stop(): Promise<void>;
}

export interface ComponentOptions extends GroundOptions {
  readonly data: WardData;
  /** Which node of several this broker is, from 1. */
  readonly node: number;
  /** What the nodes share; absent: there is one. */
  readonly redis?: string;
  readonly operations?: OperationsOptions;
}

/** How often the broker looks for what another process has revoked. */
const REVOCATION_LOOK_MS = 500;

export const COMPONENTS = ['broker', 'pump-server', 'pumps', 'pki'] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** @throws PumprangeError as the component does */
export function startComponent(
  name: ComponentName,
  options: ComponentOptions & { readonly pumps: number },
): Promise<Component> {
  switch (name) {
    case 'broker':
      return startBroker(options);
    case 'pump-server':
      return Promise.resolve(startServer(options));
    case 'pumps':
      return Promise.resolve(startPumps(options));
    case 'pki':
      return startPkiComponent(options);
  }
}

async function startBroker(options: ComponentOptions): Promise<Component> {
  const { clock, stopClock, pki, controls, judge } = ground(options);
  const { node, redis } = options;
  // Each node has a log of its own: a chain of hashes has one writer.
  const log = node === 1 ? 'evidence.jsonl' : `evidence-${node}.jsonl`;
  const identity = { kind: 'broker', id: `broker-${String(node).padStart(2, '0')}` } as const;
  const evidence = createEvidenceLog({
    clock,
    controls,
    stores: [openLineFile(join(options.dir, log))],
    keepEvents: 1_000,
  });
  const operations = openOperations('broker', clock, options.operations);
  const broker = await Broker.start({
    clock,
    host: HOST,
    port: options.port,
    credential: pki.credentialFor(identity),
    judge,
    controls,
    ...(options.posture.limits && { limits: options.posture.limits }),
    evidence: operations.tee(evidence.record),
    // What nodes share is in Redis; a node alone has a folder of its own.
    ...(redis === undefined
      ? { store: join(options.dir, node === 1 ? 'broker' : `broker-${node}`) }
      : { redis }),
    ...(operations.keyLog && { keyLog: operations.keyLog }),
  });
  const status = await operations
    .serve(() => broker.figures())
    .catch(async (error: unknown) => {
      await broker.stop();
      stopClock();
      throw error;
    });
  pki.onRevoked(({ fingerprint }) => broker.dropRevoked(fingerprint));
  const watch = (): void => {
    pki.takeUpRevocations();
    timer = clock.after(REVOCATION_LOOK_MS, watch);
  };
  let timer = clock.after(0, watch);
  return {
    ready: { component: 'broker', port: broker.port, plaintextPort: broker.plaintextPort ?? null, ...status },
    methods: {
      status: () => broker.counts(),
      connected: () => broker.connected().map(urnOf),
      evidence: () => evidence.events(),
    },
    stop: async () => {
      timer.cancel();
      await broker.stop();
      await operations.close();
      evidence.close();
      stopClock();
    },
  };
}

/** EST, and whatever else the PKI serves over HTTPS. */
async function startPkiComponent(options: ComponentOptions): Promise<Component> {
  const { clock, stopClock, pki, controls } = ground(options);
  const evidence = createEvidenceLog({
    clock,
    controls,
    // A file of its own: the broker's belongs to the broker.
    stores: [openLineFile(join(options.dir, 'evidence-pki.jsonl'))],
    keepEvents: 1_000,
  });
  const service = await startPkiService({
    clock,
    settling: unsettled,
    pki,
    manufacturer: pki.manufacturer,
    controls,
    evidence: evidence.record,
    host: HOST,
    port: options.port,
    // Signed themselves, so TLS does them no harm; certificates name no such place.
    handlers: [pki.status],
  });
  const watch = (): void => {
    pki.takeUpRevocations();
    timer = clock.after(REVOCATION_LOOK_MS, watch);
  };
  let timer = clock.after(0, watch);
  return {
    ready: { component: 'pki', port: service.port },
    methods: {
      status: () => ({ issued: pki.list().length }),
      evidence: () => evidence.events(),
    },
    stop: async () => {
      timer.cancel();
      await service.stop();
      evidence.close();
      stopClock();
    },
  };
}

function startServer(options: ComponentOptions): Component {
  const { clock, stopClock, pki, posture, judge, evidence, random, endpoint } = ground(options);
  // Two servers in one database would contradict each other.
  const unlock = lockDir(options.dir);
  // Its pumps are other processes: they go on with their logs, whatever becomes of this one.
  const store = openStore(options.dir, clock.now(), unlock);
  const server = new PumpServer({
    clock,
    identity: SERVER,
    bootId: `boot-${random.int(0, 0xffff_ffff).toString(16)}`,
    evidence,
    store,
    afterTurn: setImmediate,
    connect: (handlers) =>
      keepConnected(
        dialer({ clock, settling: unsettled, judge, posture, endpoint }, pki.credentialFor(SERVER)),
        clock,
        random.fork('link'),
        { ...handlers, options: () => ({ clientId: clientIdOf(SERVER), keepAliveS: 180 }) },
      ),
  });
  server.start();
  return {
    ready: { component: 'pump-server' },
    methods: {
      status: () => ({ stored: server.stored().length, duplicates: server.duplicates, gaps: server.gaps() }),
      inventory: () => server.inventory(),
      releases: () => server.ledger(),
      ...libraryMethods(server, judge),
    },
    stop: async () => {
      server.stop();
      stopClock();
      unlock();
    },
  };
}

function openStore(dir: string, nowMs: number, unlock: () => void): ServerStore {
  try {
    return openServerStore(join(dir, STORE_FILE), { newSeries: false, nowMs });
  } catch (error) {
    unlock();
    throw error;
  }
}

function startPumps(options: ComponentOptions & { readonly pumps: number }): Component {
  const { members, stop } = runPumps({ ...options, shard: WHOLE });
  const find = (params: unknown) => {
    const text =
      typeof params === 'object' && params !== null && 'serial' in params ? String(params.serial) : '';
    const serial = parseSerial(text);
    const found = members.find(({ pump }) => pump.serial === serial);
    if (found === undefined)
      throw new PumprangeError('PR_USAGE', `there is no pump ${JSON.stringify(text)} here`);
    return found;
  };
  return {
    ready: { component: 'pumps', serials: members.map(({ pump }) => pump.serial) },
    methods: {
      status: () => members.map(({ pump, shell }) => ({ serial: pump.serial, online: shell.isOnline })),
      reading: (params) => find(params).pump.reading(),
    },
    stop,
  };
}
