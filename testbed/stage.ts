import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock/index.ts';
import { type Pki, type PkiTemplate, pkiTemplate } from '../pki/index.ts';
import { type Envelope, type Intent, type Serial, urnOf } from '../protocol/index.ts';
import type {
  AlarmChange,
  BrokerName,
  BuildStage,
  FleetPump,
  PressureSample,
  Sampling,
  Stage,
  StageSetup,
} from '../scenarios/index.ts';
import type { LogRecord } from '../simulator/shell/index.ts';
import type { Admission } from '../simulator/ward/index.ts';
import {
  type BoardChange,
  type DetectionRule,
  type EvidenceLog,
  Presence,
  type SilenceNotice,
} from '../supervision/index.ts';
import { attackGround } from './attack-ground.ts';
import { bedsideCheck } from './bedside-check.ts';
import { CommandDesk } from './command-desk.ts';
import type { WardData } from './data.ts';
import { exposureByInventory } from './exposure.ts';
import type { PumpSpec } from './fleet.ts';
import type { FloorBroker, FloorPorts } from './floor-broker.ts';
import { hardLimitsOf } from './hard-limits.ts';
import { logDamage } from './log-damage.ts';
import { brokerObeys, seesNothing, withoutWitness } from './lost-component.ts';
import { MonitoringHost } from './monitoring-host.ts';
import { startMosquittoBroker } from './mosquitto-broker.ts';
import { performAction } from './perform.ts';
import { recordsIn } from './records-in.ts';
import { RehearsedReleases } from './rehearsed-releases.ts';
import { SpokenTruth } from './spoken-truth.ts';
import { STATION, Testbed } from './testbed.ts';
import { watchFloor } from './watch-floor.ts';

/** What a pump logs of its link; `link-connecting` is neither. */
const LINK_EVENTS: ReadonlySet<string> = new Set(['link-online', 'link-offline']);

/** At the start of a rehearsal every pump is switched on with a new patient, one after the other. */
const SWITCH_ON_EVERY_MS = 1_000;

/**
 * Builds wards for rehearsals: each has its own broker, PKI, evidence and pumps. Those that begin at the same instant share the keys of
 * their authorities and of those who have one from the start, which take long to make; what becomes of a certificate, they don't share.
 */
export function stageBuilder(
  data: WardData,
  rules: readonly DetectionRule[],
  broker: BrokerName = 'embedded',
): BuildStage {
  let template: PkiTemplate | undefined;
  return async (setup) => {
    const { clock, settling, random, posture, fleet } = setup;
    const startMs = clock.now();
    const host = new MonitoringHost({ clock, startMs, controls: posture.controls });
    const evidence: EvidenceLog = { ...host.log, record: withoutWitness(setup.lost, host.log.record) };
    if (template?.atMs !== startMs) template = pkiTemplate(startMs);
    const pki = template.open({ clock, evidence: evidence.record });
    const seen: Seen = {
      ...{ intents: [], records: new Map(), alarms: new Map(), links: new Map(), samples: new Map() },
      ...{ admissions: [], board: [], notices: [], host, truth: new SpokenTruth() },
    };
    // What was really said is only asked for where somebody may say something else.
    const isAttacked = setup.adversaryZone !== undefined;
    const foreign = broker === 'mosquitto' ? mosquittoFor(setup, pki, evidence) : undefined;
    const testbed = await Testbed.start({
      ...(foreign && { startBroker: foreign.start }),
      clock,
      settling,
      random,
      pki,
      posture,
      data,
      evidence,
      intents: (intent) => seen.intents.push(intent),
      pumps: fleet.map((pump) => specOf(pump, data)),
      port: 0,
      telemetryEveryMs: setup.telemetryEveryMs,
      servicesOf: 'rehearsal',
      brokerHost: setup.brokerHost,
      brokerObeys: brokerObeys(setup.lost),
      ...(setup.certificateLifetimeMs !== undefined && {
        manufacturer: pki.manufacturer,
        pumpCertificateMs: setup.certificateLifetimeMs,
      }),
      onAdmission: (admission) => seen.admissions.push(admission),
      onBoard: (change) => seen.board.push(change),
      onNotice: (notice) => seen.notices.push(notice),
      ...(isAttacked && {
        onSaid: (_: Serial, topic: string, text: string) => seen.truth.said(topic, text),
        onBelieved: (by: string, topic: string, message: Envelope) =>
          seen.truth.believed(
            by,
            topic,
            message,
            clock.now(),
            () => by === 'pump-server' && hasRecord(testbed, topic, message.seq),
          ),
      }),
      onRecord: (serial, record) => listOf(seen.records, serial).push(record),
    }).catch((error: unknown) => {
      foreign?.remove();
      throw error;
    });
    let delayMs = 0;
    for (const [serial, { pump }] of testbed.members) {
      pump.onFact((fact) => {
        if (fact.fact === 'alarm') listOf(seen.alarms, serial).push(fact);
        else if (LINK_EVENTS.has(fact.event))
          listOf(seen.links, serial).push({ atMs: fact.atMs, online: fact.event === 'link-online' });
      });
      clock.after(delayMs, () => testbed.caregiver.switchOn(pump, true));
      delayMs += SWITCH_ON_EVERY_MS;
    }
    if (setup.sampling !== undefined) sample(testbed, setup.sampling, clock, seen);
    const stage = stageOver(testbed, setup, pki, evidence, seen, rules);
    return {
      ...stage,
      stop: async () => {
        await stage.stop();
        foreign?.remove();
      },
    };
  };
}

/** A Mosquitto for one rehearsal, with a folder of its own. */
function mosquittoFor({ clock, random, posture, fleet }: StageSetup, pki: Pki, evidence: EvidenceLog) {
  const out = mkdtempSync(join(tmpdir(), 'pumprange-mosquitto-'));
  return {
    start: (ports: FloorPorts): Promise<FloorBroker> =>
      startMosquittoBroker(
        {
          ...{ clock, pki, posture, out, evidence: evidence.record },
          random: random.fork('broker-watch'),
          nowMs: () => clock.now(),
          logsPackets: true,
          expected: [STATION, ...fleet.map(({ serial }) => ({ kind: 'pump', id: serial }) as const)],
        },
        ports,
      ),
    remove: (): void => rmSync(out, { recursive: true, force: true }),
  };
}

interface Seen {
  readonly intents: Intent[];
  readonly records: Map<Serial, LogRecord[]>;
  readonly alarms: Map<Serial, AlarmChange[]>;
  readonly samples: Map<Serial, PressureSample[]>;
  readonly links: Map<Serial, { readonly atMs: number; readonly online: boolean }[]>;
  readonly admissions: Admission[];
  readonly board: BoardChange[];
  readonly notices: SilenceNotice[];
  readonly host: MonitoringHost;
  readonly truth: SpokenTruth;
}

/** Reads the pressures of one pump at every interval. A reading costs the pump nothing and is seen by nobody else. */
function sample(testbed: Testbed, { serial, everyMs }: Sampling, clock: Clock, seen: Seen): void {
  const { pump } = testbed.member(serial);
  const samples = listOf(seen.samples, pump.serial);
  const read = (): void => {
    const atMs = clock.now();
    for (const { channel, pressureMmHg } of pump.reading().channels) {
      samples.push({ atMs, channel, pressureMmHg });
    }
    clock.after(everyMs, read);
  };
  read();
}

function stageOver(
  testbed: Testbed,
  setup: StageSetup,
  pki: Pki,
  evidence: EvidenceLog,
  seen: Seen,
  rules: readonly DetectionRule[],
): Stage {
  const presence = (): Presence => {
    const seen = new Presence();
    for (const event of evidence.events()) seen.observe(event);
    return seen;
  };
  const releases = new RehearsedReleases(testbed);
  const desk = new CommandDesk(testbed);
  const watch = watchFloor(evidence, seesNothing(setup.lost) ? [] : rules, setup.posture.controls);
  const exposed = exposureByInventory(testbed.options.data, () => testbed.server.inventory());
  return {
    perform: (action) => {
      if (action.do === 'command') return desk.command(action);
      if (action.do === 'bedside-check') return bedsideCheck(testbed, action, seen.intents);
      return performAction(testbed, releases, action);
    },
    ground: attackGround(testbed, setup, pki, {
      monitoringHost: seen.host,
      recordsIn: (payload) => recordsIn(payload, seen.admissions),
    }),
    snapshot: (serial) => ({
      ...testbed.member(serial).pump.reading(),
      exposedTo: exposed(serial),
      supervision: presence().of(urnOf({ kind: 'pump', id: serial })).supervision,
    }),
    alarmActive: (serial, alarm) =>
      testbed
        .member(serial)
        .pump.reading()
        .alarms.some((active) => alarm === undefined || active.alarm === alarm),
    evidence: () => evidence.events(),
    look: watch.look,
    alerts: watch.alerts,
    observe: () => ({
      pumps: [...testbed.members].map(([serial, { pump, shell }]) => ({
        serial,
        model: pump.model.id,
        channels: pump.model.channels,
        flows: pump.flow(),
        alarms: listOf(seen.alarms, serial),
        links: listOf(seen.links, serial),
        records: listOf(seen.records, serial),
        log: logDamage(
          listOf(seen.records, serial),
          shell.log.unconfirmed(),
          testbed.server.stored().filter((record) => record.serial === serial),
        ),
        samples: seen.samples.get(serial),
      })),
      intents: seen.intents,
      // A copy: taking everything down closes sessions too, and that is no part of the rehearsal.
      evidence: [...evidence.events()],
      storedRecords: testbed.server.stored(),
      hardLimits: hardLimitsOf(seen.intents, testbed),
      station: { board: seen.board, notices: seen.notices },
      believedForgeries: seen.truth.forgeries(),
      evidenceLog: seen.host.observe(),
    }),
    stop: async () => {
      desk.close();
      await testbed.stop();
      evidence.close();
    },
  };
}

function specOf(pump: FleetPump, data: WardData): PumpSpec {
  const { serial, model, careArea, firmware, libraryVersion } = pump;
  const shipped = data.libraries.find(({ library }) => library.careArea === careArea)?.library ?? null;
  const library =
    shipped === null || libraryVersion === undefined ? shipped : { ...shipped, version: libraryVersion };
  return { serial, model, careArea, firmware, library };
}

function listOf<K, V>(map: Map<K, V[]>, key: K): V[] {
  const list = map.get(key) ?? [];
  map.set(key, list);
  return list;
}

/** Whether the server has a record of that number of the pump whose log the topic is of. */
function hasRecord({ server }: Testbed, topic: string, seq: number): boolean {
  const [, serial, stream] = topic.split('/');
  if (stream !== 'alarm' && stream !== 'event') return false;
  return server.stored().some((record) => record.serial === serial && record.seq === seq);
}
