import { join } from 'node:path';
import { type Clock, followWall, HeapClock, QuietWire, seededRandom } from '../clock/index.ts';
import { openPki } from '../pki/index.ts';
import {
  type EvidenceEntry,
  type EvidenceEvent,
  type Intent,
  type Posture,
  PumprangeError,
} from '../protocol/index.ts';
import { type BrokerName, runLockstep } from '../scenarios/index.ts';
import type { Fact } from '../simulator/pump/index.ts';
import { startShift } from '../simulator/ward/index.ts';
import { Presence } from '../supervision/index.ts';
import { BedsideDesk } from './bedside-desk.ts';
import type { ControlMethods } from './control-port.ts';
import { openControlSocket } from './control-socket.ts';
import type { WardData } from './data.ts';
import { lockIn } from './dir-lock.ts';
import { documentMethods } from './document-desk.ts';
import { earlyEvidence } from './early-evidence.ts';
import { openEvidenceFile } from './evidence-file.ts';
import type { FloorBrokerCounts } from './floor-broker.ts';
import { libraryMethods } from './library-desk.ts';
import { startMosquittoBroker } from './mosquitto-broker.ts';
import { type OperationsOptions, openOperations } from './operations.ts';
import { PingedWire } from './pinged-wire.ts';
import { rolloutMethods } from './rollout-desk.ts';
import { openServerDatabase } from './server-database.ts';
import { releaseShippedLibraries } from './shipped-libraries.ts';
import { STATION, Testbed } from './testbed.ts';
import { wardPumps } from './ward-pumps.ts';
import { rowOf, type WardRow } from './ward-rows.ts';

export interface WardOptions {
  readonly data: WardData;
  readonly posture: Posture;
  readonly pumps: number;
  /** The version that they run at first; the newest one unless told. */
  readonly firmware?: string | undefined;
  /** Whose broker: ours in this process, or a Mosquitto as its child. */
  readonly broker: BrokerName;
  readonly port: number;
  /** Folder of the PKI, the evidence and everything else that is written. */
  readonly dir: string;
  /** How many times as fast as real time it goes on, once it is live. */
  readonly speed: number;
  readonly seed: number;
  /** How pumps come by their certificates: issued by the PKI, or over EST with keys that they make. */
  readonly enrol: 'direct' | 'est';
  readonly operations?: OperationsOptions;
  /** Ends the start at once; `startWard` then throws the reason, with everything taken down. */
  readonly signal?: AbortSignal;
  readonly onFact?: (serial: string, fact: Fact) => void;
  readonly onEvidence?: (event: EvidenceEvent) => void;
}

export interface Ward {
  readonly port: number;
  readonly plaintextPort: number | undefined;
  /** Where pumps enrol; `undefined` where they need not. */
  readonly estPort: number | undefined;
  /** Where metrics are served, if they were asked for. */
  readonly metricsPort: number | undefined;
  /** Whether the PKI was made by this start. */
  readonly pkiCreated: boolean;
  /** Where keypads connect; `undefined` where its name is too long, and on Windows. */
  readonly controlSocket: string | undefined;
  rows(): WardRow[];
  counts(): FloorBrokerCounts;
  nowMs(): number;
  stop(): Promise<void>;
}

/** The shift began so long ago when the ward goes live. */
const SHIFT_MS = 4 * 3_600_000;
/** For pumps to connect and to fetch and verify their library, before the first of them is switched on. */
const DELIVERY_MS = 60_000;
const TELEMETRY_EVERY_MS = 5_000;
/** How often the ward looks for what `pumprange pki revoke` has revoked, in real time. */
const REVOCATION_LOOK_MS = 500;
const NO_COUNTS: FloorBrokerCounts = { clients: 0, published: 0, delivered: 0, denied: 0 };

/**
 * Starts a ward: makes the PKI if none is there, starts the broker, lets the pumps connect and load their signed libraries,
 * and works through the first hours of a shift in simulated time, on real sockets. Then the same clock follows the wall.
 *
 * @throws PumprangeError `PR_DIR_IN_USE`, `PR_PORT_IN_USE`, `PR_DISK`, `PR_PKI_…`; with Mosquitto `PR_BROKER_…`, and `PR_USAGE` if
 * metrics were asked for
 */
export async function startWard(options: WardOptions): Promise<Ward> {
  const { data, posture, dir } = options;
  const foreign = options.broker === 'mosquitto';
  if (foreign && options.operations?.metricsPort !== undefined) {
    throw new PumprangeError(
      'PR_USAGE',
      'metrics are of our own broker; Mosquitto tells of itself below $SYS/broker',
    );
  }
  const unlock = lockIn(dir, 'ward');
  const undo: (() => void | Promise<void>)[] = [unlock];
  const takeDown = async (): Promise<void> => {
    // Each step is taken, whatever became of the others.
    let failure: { readonly error: unknown } | undefined;
    for (const step of undo.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure !== undefined) throw failure.error;
  };
  try {
    const startMs = Date.now() - SHIFT_MS;
    const clock = new HeapClock(startMs);
    const wire = foreign ? new PingedWire({ patienceMs: 10_000 }) : new QuietWire({ patienceMs: 5_000 });
    const abandon = (): void => wire.abandon(options.signal?.reason);
    options.signal?.addEventListener('abort', abandon);
    undo.push(() => options.signal?.removeEventListener('abort', abandon));
    const random = seededRandom(options.seed);
    // The PKI belongs to the present, even while the ward works through the hours before it.
    const presentMs = Date.now();
    const pkiClock: Clock = {
      now: () => Math.max(presentMs, clock.now()),
      at: (dueMs, callback) => clock.at(dueMs, callback),
      after: (delayMs, callback) => clock.after(delayMs, callback),
    };
    const early = earlyEvidence();
    const pki = openPki({ dir: join(dir, 'pki'), clock: pkiClock, evidence: early.record });
    // The pumps of a ward are made with it, and begin their logs anew.
    const store = openServerDatabase(dir, { newSeries: true, nowMs: presentMs });
    undo.push(() => store.close());
    // Nobody can tell a power cut in the hours before from a ward that was not started: its pumps are gone, too.
    store.surviving('process');
    const manufacturer = options.enrol === 'est' ? pki.manufacturer : undefined;
    const evidence = openEvidenceFile({ dir, clock, pki, controls: posture.controls });
    undo.push(() => evidence.close());
    const operations = openOperations('broker', clock, options.operations);
    undo.push(() => operations.close());
    const log = operations.tee(evidence.record);
    const intents: Intent[] = [];
    const presence = new Presence();
    const pumps = wardPumps(options.pumps, data, options.firmware);
    options.signal?.throwIfAborted();
    const record = (entry: EvidenceEntry): void => {
      log(entry);
      const last = evidence.events().at(-1);
      if (last === undefined) return;
      presence.observe(last);
      options.onEvidence?.(last);
    };
    early.flowTo(record);
    const testbed = await Testbed.start({
      clock,
      settling: wire,
      random,
      pki,
      posture,
      data,
      evidence: { ...evidence, record },
      intents: (intent) => intents.push(intent),
      pumps,
      port: options.port,
      telemetryEveryMs: Number.POSITIVE_INFINITY,
      servicesOf: 'ward',
      store,
      ...(manufacturer && { manufacturer }),
      keyLog: operations.keyLog,
      ...(foreign && {
        startBroker: (ports) =>
          startMosquittoBroker(
            {
              ...{ clock, pki, posture, evidence: record },
              random: random.fork('broker-watch'),
              out: join(dir, 'mosquitto'),
              nowMs: () => pkiClock.now(),
              expected: [STATION, ...pumps.map(({ serial }) => ({ kind: 'pump', id: serial }) as const)],
            },
            ports,
          ),
      }),
    });
    undo.push(() => testbed.stop());
    for (const [serial, { pump }] of testbed.members) {
      pump.onFact((fact) => options.onFact?.(serial, fact));
    }
    await releaseShippedLibraries(testbed, presentMs, () =>
      runLockstep(clock, wire, clock.now(), () => undefined),
    );
    await runLockstep(clock, wire, startMs + DELIVERY_MS, () => undefined);
    const shift = startShift({
      clock,
      random: random.fork('shift'),
      pumps: [...testbed.members.values()].map(({ pump }) => pump),
      caregiver: testbed.caregiver,
    });
    undo.push(() => shift.stop());
    // Working through the hours takes a moment, in which the wall goes on.
    for (let nowMs = Date.now(); clock.now() < nowMs; nowMs = Date.now()) {
      await runLockstep(clock, wire, nowMs, () => undefined);
    }
    wire.goLive();
    store.surviving('power-cut');
    const watch = (): void => {
      pki.takeUpRevocations();
      testbed.takeUpWaves();
      void testbed.broker?.takeUpChanges?.();
      timer = clock.after(REVOCATION_LOOK_MS * options.speed, watch);
    };
    let timer = clock.after(0, watch);
    undo.push(() => timer.cancel());
    undo.push(followWall(clock, { speed: options.speed }));
    for (const { shell } of testbed.members.values()) shell.publishEvery(TELEMETRY_EVERY_MS);
    testbed.station.expectTelemetryEvery(TELEMETRY_EVERY_MS);
    const desk = new BedsideDesk({
      pumps: [...testbed.members.values()].map(({ pump }) => pump),
      press: (pump, action, role) => testbed.caregiver.press(pump, action, role),
      handOver: shift.handOver,
      takeBack: shift.takeBack,
    });
    const hospital = (): ControlMethods => {
      const { server, judge } = testbed;
      return {
        ...libraryMethods(server, judge),
        ...documentMethods(server, judge),
        ...rolloutMethods(server, judge, () => clock.now()),
      };
    };
    const control = await openControlSocket(dir, (notify) => {
      const seat = desk.session(notify);
      return { ...seat, methods: { ...seat.methods, ...hospital() } };
    }).catch((error: unknown) => {
      // A ward is worth having without keypads.
      if (error instanceof PumprangeError && error.code === 'PR_DIR_TOO_LONG') return undefined;
      throw error;
    });
    undo.push(() => control?.close());
    const { metricsPort } = await operations.serve(() => testbed.broker?.figures?.());
    return {
      metricsPort,
      port: testbed.broker?.port ?? 0,
      plaintextPort: testbed.broker?.plaintextPort,
      estPort: testbed.estPort,
      pkiCreated: pki.created,
      controlSocket: control?.path,
      rows: () =>
        [...testbed.members.values()].map((member) => rowOf(member, intents, presence, startMs, clock.now())),
      counts: () => testbed.broker?.counts() ?? NO_COUNTS,
      nowMs: () => clock.now(),
      stop: takeDown,
    };
  } catch (error) {
    await takeDown();
    throw error;
  }
}
