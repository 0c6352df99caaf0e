import { unsettled } from '../clock/index.ts';
import { clientIdOf, PumprangeError, parseSerial, type Serial, uplinkVerifier } from '../protocol/index.ts';
import { PumpServer } from '../pump-server/index.ts';
import { type Connection, keepConnected } from '../simulator/transport/index.ts';
import { startBroker } from './broker-component.ts';
import type { Component, ComponentOptions } from './component.ts';
import { dialer } from './dialer.ts';
import { documentMethods } from './document-desk.ts';
import { earlyEvidence } from './early-evidence.ts';
import { openEvidenceFile } from './evidence-file.ts';
import { ground, lookEvery, orClose, speakingFrom, wallAndPki } from './ground.ts';
import { libraryMethods } from './library-desk.ts';
import { startMosquittoComponent } from './mosquitto-component.ts';
import { startObserver } from './observer-component.ts';
import { startPkiComponent } from './pki-component.ts';
import { rolloutMethods } from './rollout-desk.ts';
import { startRouter } from './router-component.ts';
import { runPumps } from './run-pumps.ts';
import { openServerDatabase } from './server-database.ts';
import { WHOLE } from './shard.ts';
import { SERVER } from './testbed.ts';

export const COMPONENTS = ['broker', 'pump-server', 'pumps', 'pki', 'observer', 'router'] as const;
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
    case 'observer':
      return startObserver(options);
    case 'router':
      return startRouter();
  }
}

async function startServer(options: ComponentOptions): Promise<Component> {
  const { posture } = options;
  const early = earlyEvidence();
  const base = wallAndPki(options.dir, early.record);
  const { clock, pki } = base;
  const log = await orClose(
    async () => base.stopClock(),
    async () =>
      openEvidenceFile({
        dir: options.dir,
        name: 'evidence-pump-server',
        clock,
        pki,
        controls: posture.controls,
      }),
  );
  const quiet = async (): Promise<void> => log.close();
  const evidence = log.record;
  early.flowTo(evidence);
  const floor = await orClose(quiet, () => ground(options, base, evidence));
  const { status, random, endpoint } = floor;
  const close = async (): Promise<void> => {
    await floor.close();
    await quiet();
  };
  const { judge } = status;
  const { credential, store } = await orClose(close, async () => {
    const own = pki.credentialFor(SERVER);
    await status.prepare(() => [own.chainDer]);
    // Its pumps are other processes: they go on with their logs, whatever becomes of this one.
    return {
      credential: own,
      store: openServerDatabase(options.dir, { newSeries: false, nowMs: clock.now() }),
    };
  });
  let connection: Connection | undefined;
  const server = new PumpServer({
    clock,
    identity: SERVER,
    bootId: `boot-${random.int(0, 0xffff_ffff).toString(16)}`,
    evidence,
    toLeave: (serial) => pki.migration.toLeave(serial),
    believes: uplinkVerifier({
      judge,
      controls: posture.controls,
      nowMs: () => clock.now(),
      evidence,
      source: 'pump-server',
      // It has no register of devices: who cannot sign has no place on a floor of this posture.
      signs: () => true,
    }),
    store,
    afterTurn: setImmediate,
    connect: (handlers) => {
      connection = keepConnected(
        dialer(
          { clock, settling: unsettled, judge, posture, endpoint, localAddress: speakingFrom(options) },
          credential,
        ),
        clock,
        random.fork('link'),
        { ...handlers, options: () => ({ clientId: clientIdOf(SERVER), keepAliveS: 180 }) },
      );
      return connection;
    },
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
      ...rolloutMethods(server, judge, () => clock.now()),
      ...documentMethods(server, judge),
    },
    isWell: () => connection?.link() !== undefined,
    stop: async () => {
      stopLooking();
      server.stop();
      await close();
    },
  };
}

function serialsIn(text: string): readonly Serial[] {
  const serial = parseSerial(text);
  return serial === undefined ? [] : [serial];
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
    isWell: () => members.every(({ shell }) => shell.isOnline),
    stop,
  };
}
