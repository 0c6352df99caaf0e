import { join } from 'node:path';
import { Broker } from '../broker/index.ts';
import { unsettled } from '../clock/index.ts';
import { clientIdOf, PumprangeError, parseSerial, urnOf } from '../protocol/index.ts';
import { openRecordFile, PumpServer } from '../pump-server/index.ts';
import type { BrokerName } from '../scenarios/index.ts';
import { keepConnected } from '../simulator/transport/index.ts';
import type { ControlMethods } from './control-port.ts';
import type { WardData } from './data.ts';
import { startPkiService } from './enrolment.ts';
import { openEvidenceFile } from './evidence-file.ts';
import { dialer } from './fleet.ts';
import { type GroundOptions, ground } from './ground.ts';
import { startMosquittoComponent } from './mosquitto-component.ts';
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
  /** Whose broker; ours by default. */
  readonly broker?: BrokerName;
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
      return options.broker === 'mosquitto' ? startMosquittoComponent(options) : startBroker(options);
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
  const name = node === 1 ? 'evidence' : `evidence-${node}`;
  const identity = { kind: 'broker', id: `broker-${String(node).padStart(2, '0')}` } as const;
  const evidence = openEvidenceFile({ dir: options.dir, name, clock, pki, controls });
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
  // A file of its own: the broker's belongs to the broker.
  const evidence = openEvidenceFile({ dir: options.dir, name: 'evidence-pki', clock, pki, controls });
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
  const server = new PumpServer({
    clock,
    identity: SERVER,
    bootId: `boot-${random.int(0, 0xffff_ffff).toString(16)}`,
    evidence,
    toLeave: (serial) => pki.migration.toLeave(serial),
    store: openRecordFile(join(options.dir, 'pump-log.jsonl')),
    connect: (handlers) =>
      keepConnected(
        dialer({ clock, settling: unsettled, judge, posture, endpoint }, pki.credentialFor(SERVER)),
        clock,
        random.fork('link'),
        { ...handlers, options: () => ({ clientId: clientIdOf(SERVER), keepAliveS: 180 }) },
      ),
  });
  server.start();
  const watch = (): void => {
    pki.takeUpRevocations();
    const serials = pki.migration.takeUp().flatMap((serial) => parseSerial(serial) ?? []);
    server.announceRenewals(serials);
    timer = clock.after(REVOCATION_LOOK_MS, watch);
  };
  let timer = clock.after(0, watch);
  return {
    ready: { component: 'pump-server' },
    methods: {
      status: () => ({ stored: server.stored().length, duplicates: server.duplicates, gaps: server.gaps() }),
      inventory: () => server.inventory(),
      releases: () => server.ledger(),
    },
    stop: async () => {
      timer.cancel();
      server.stop();
      stopClock();
    },
  };
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
