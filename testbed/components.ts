import { join } from 'node:path';
import { unsettled } from '../clock/index.ts';
import { clientIdOf, PumprangeError, parseSerial, type Serial } from '../protocol/index.ts';
import { openServerStore, PumpServer, type ServerStore, STORE_FILE } from '../pump-server/index.ts';
import { keepConnected } from '../simulator/transport/index.ts';
import { startBroker } from './broker-component.ts';
import type { Component, ComponentOptions } from './component.ts';
import { lockDir } from './dir-lock.ts';
import { dialer } from './fleet.ts';
import { ground, lookEvery, memoryEvidence, orClose, wallAndPki } from './ground.ts';
import { libraryMethods } from './library-desk.ts';
import { startMosquittoComponent } from './mosquitto-component.ts';
import { startPkiComponent } from './pki-component.ts';
import { runPumps } from './run-pumps.ts';
import { WHOLE } from './shard.ts';
import { SERVER } from './testbed.ts';

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
      return startServer(options);
    case 'pumps':
      return startPumps(options);
    case 'pki':
      return startPkiComponent(options);
  }
}

async function startServer(options: ComponentOptions): Promise<Component> {
  const { posture } = options;
  const base = wallAndPki(options.dir);
  const { clock, pki } = base;
  const evidence = memoryEvidence(clock, posture.controls);
  const { status, random, endpoint, close } = await ground(options, base, evidence);
  const { judge } = status;
  const { credential, store, unlock } = await orClose(close, async () => {
    const own = pki.credentialFor(SERVER);
    await status.prepare(() => [own.chainDer]);
    // Its pumps are other processes: they go on with their logs, whatever becomes of this one.
    return {
      credential: own,
      ...openStore(options.dir, clock.now()),
    };
  });
  const server = new PumpServer({
    clock,
    identity: SERVER,
    bootId: `boot-${random.int(0, 0xffff_ffff).toString(16)}`,
    evidence,
    toLeave: (serial) => pki.migration.toLeave(serial),
    store,
    afterTurn: setImmediate,
    connect: (handlers) =>
      keepConnected(
        dialer({ clock, settling: unsettled, judge, posture, endpoint }, credential),
        clock,
        random.fork('link'),
        { ...handlers, options: () => ({ clientId: clientIdOf(SERVER), keepAliveS: 180 }) },
      ),
  });
  server.start();
  const stopLooking = lookEvery(clock, () =>
    server.announceRenewals(pki.migration.takeUp().flatMap(serialsIn)),
  );
  return {
    ready: { component: 'pump-server' },
    methods: {
      status: () => ({ stored: server.stored().length, duplicates: server.duplicates, gaps: server.gaps() }),
      inventory: () => server.inventory(),
      releases: () => server.ledger(),
      ...libraryMethods(server, judge),
    },
    stop: async () => {
      stopLooking();
      server.stop();
      await close();
      unlock();
    },
  };
}

function serialsIn(text: string): readonly Serial[] {
  const serial = parseSerial(text);
  return serial === undefined ? [] : [serial];
}

/** Two servers in one database would contradict each other. @throws PumprangeError `PR_DIR_…`; as `openServerStore` */
function openStore(dir: string, nowMs: number): { readonly store: ServerStore; readonly unlock: () => void } {
  const unlock = lockDir(dir);
  try {
    return { store: openServerStore(join(dir, STORE_FILE), { newSeries: false, nowMs }), unlock };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function startPumps(options: ComponentOptions & { readonly pumps: number }): Promise<Component> {
  const { members, stop } = await runPumps({ ...options, shard: WHOLE });
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
