import { Broker } from '../broker/index.ts';
import type { HeapClock, Random, Settling, Timer } from '../clock/index.ts';
import { Network } from '../network/index.ts';
import type { Manufacturer, Pki, ServiceServer } from '../pki/index.ts';
import { isEffective } from '../protocol/firmware/index.ts';
import {
  type BelieveUplink,
  type BrokerHost,
  type CertificateJudge,
  clientIdOf,
  type Envelope,
  type EvidenceSink,
  type IntentSink,
  type LibraryCeiling,
  limitsFor,
  type Posture,
  PumprangeError,
  parseSerial,
  type Serial,
  type Signer,
  uplinkVerifier,
} from '../protocol/index.ts';
import type { PumpServer, ServerStore } from '../pump-server/index.ts';
import type { LogRecord } from '../simulator/shell/index.ts';
import { type Endpoint, keepConnected } from '../simulator/transport/index.ts';
import { type Admission, Caregiver } from '../simulator/ward/index.ts';
import {
  type BoardChange,
  type EvidenceLog,
  NurseStation,
  type SilenceNotice,
} from '../supervision/index.ts';
import { type CertificateStatus, openCertificateStatus } from './certificate-status.ts';
import { commissionedCeilings } from './commissioning.ts';
import type { WardData } from './data.ts';
import { dialer } from './dialer.ts';
import { startPkiService } from './enrolment.ts';
import { addPump, type FleetMember, type PumpSpec } from './fleet.ts';
import type { FloorBroker, FloorPorts } from './floor-broker.ts';
import { hasLoopbackRange } from './loopback-range.ts';
import { servicePlan } from './pump-device.ts';
import { ServerProcess } from './server-process.ts';

export interface TestbedOptions {
  readonly clock: HeapClock;
  readonly settling: Settling;
  readonly random: Random;
  readonly pki: Pki;
  readonly posture: Posture;
  readonly data: WardData;
  readonly evidence: EvidenceLog;
  readonly intents: IntentSink;
  readonly pumps: readonly PumpSpec[];
  readonly port: number;
  readonly telemetryEveryMs: number;
  /**
   * The manufacturer, where pumps enrol through EST with its birth certificates. Absent: the PKI issues them their certificates
   * directly, and no EST server runs.
   */
  readonly manufacturer?: Manufacturer;
  /** Lifetime of the certificates that pumps enrol for; absent: the profile's. */
  readonly pumpCertificateMs?: number;
  /** Is given the secrets of the broker's TLS sessions. */
  readonly keyLog?: ((line: Buffer) => void) | undefined;
  /** What outlives the pump server, written when a turn of the event loop is over; absent: nothing does, and nothing is written. */
  readonly store?: ServerStore;
  readonly onRecord?: (serial: Serial, record: LogRecord) => void;
  readonly onSaid?: ((serial: Serial, topic: string, text: string) => void) | undefined;
  /** Pumps offer services of their own, where the posture lets them: at well-known ports or at any. Absent: none has any. */
  readonly servicesOf?: 'ward' | 'rehearsal';
  /** The machine below the broker, where a rehearsal can use it up; absent: it bears whatever comes. */
  readonly brokerHost?: BrokerHost | undefined;
  /** Whether the broker ends sessions when it is told to; absent: it does. */
  readonly brokerObeys?: boolean | undefined;
  /** Told of what comes onto the board of the nurses' station and goes from it, and whom it sends to look at a pump. */
  readonly onBoard?: ((change: BoardChange) => void) | undefined;
  readonly onNotice?: ((notice: SilenceNotice) => void) | undefined;
  /** Told of what a receiver has believed of a pump. */
  readonly onBelieved?: ((by: string, topic: string, message: Envelope) => void) | undefined;
  readonly onAdmission?: ((admission: Admission) => void) | undefined;
  /** Starts another broker in the place of ours. */
  readonly startBroker?: (ports: FloorPorts) => Promise<FloorBroker>;
}

/** Every listener of the testbed is on loopback. */
export const HOST = '127.0.0.1';
export const BROKER = { kind: 'broker', id: 'broker-01' } as const;
export const STATION = { kind: 'nurse-station', id: 'station-01' } as const;
export const SERVER = { kind: 'pump-server', id: 'server-01' } as const;

/**
 * One hospital floor: PKI, broker, pump server and pumps, wired together. This is the one place where the siblings meet;
 * what one needs of another is handed over here as a port.
 */
export class Testbed {
  readonly options: TestbedOptions;
  readonly members: ReadonlyMap<Serial, FleetMember>;
  readonly caregiver: Caregiver;
  readonly serverProcess: ServerProcess;
  readonly station: NurseStation;
  #broker: FloorBroker | undefined;
  #endpoint: Endpoint = { host: HOST, port: 0, listener: 'tls' };
  /** Pumps that have been told a wrong place for the broker. */
  readonly #misdirected = new Map<Serial, Omit<Endpoint, 'listener'>>();
  /** The supervisor of a broker that was killed. */
  #restart: Timer | undefined;
  /** Where the broker listened last: it comes back there. */
  #ports: FloorPorts;
  #pkiService: Pick<ServiceServer, 'port' | 'stop'> | undefined;
  /** Where it listened last: it comes back there. */
  #pkiPort = 0;
  /** Where this floor learns of revocations, and what of it can fail. */
  readonly status: CertificateStatus;
  /** The certificates of whoever signs or connects, as every end of this floor judges them. */
  readonly judge: CertificateJudge;
  /** Who stands where, and what reaches what. */
  readonly network: Network;
  /** Takes evidence, and says in which zone an address stands. */
  readonly #record: EvidenceSink;
  readonly #stopListening: () => void;

  private constructor(
    options: TestbedOptions,
    status: CertificateStatus,
    ceilings: ReadonlyMap<string, LibraryCeiling>,
    hasAddresses: boolean,
  ) {
    const { clock, settling, random, pki, posture, data, evidence, intents, manufacturer } = options;
    this.options = options;
    this.#ports = { tls: options.port };
    // Whether revocation counts is the judge's to know; each end that judges asks it.
    this.status = status;
    this.judge = status.judge;
    const network = new Network({
      ...{ clock, settling, hasAddresses, ...data.zones, judge: this.judge, controls: posture.controls },
      random: random.fork('network'),
      evidence: evidence.record,
    });
    this.network = network;
    const record: EvidenceSink = (entry) => {
      const { address, zone } = entry;
      const isKnown = typeof address !== 'string' || typeof zone === 'string';
      evidence.record(isKnown ? entry : { ...entry, zone: network.zoneOf(address) });
    };
    this.#record = record;
    const serials = options.pumps.map(({ serial }) => serial);
    const places = servicePlan(serials, options.servicesOf ?? 'rehearsal', network.gate);
    const shared = {
      ...options,
      judge: this.judge,
      ceilings,
      evidence: record,
      addressOf: (serial: Serial) => (hasAddresses ? places.hostOf(serial) : undefined),
      endpoint: () => this.#endpoint,
      enrolment: manufacturer && {
        manufacturer,
        endpoint: (): Endpoint => ({ host: HOST, port: this.#pkiPort, listener: 'tls' }),
      },
    };
    const fleet = { ...shared, services: options.servicesOf && places };
    this.members = new Map(
      options.pumps.map((spec) => [
        spec.serial,
        addPump(spec, { ...fleet, endpoint: () => this.#brokerFor(spec.serial) }),
      ]),
    );
    this.caregiver = new Caregiver({
      clock,
      intents,
      // Out of the files, as the pump server releases them: nobody on the network has a say in the ledger.
      libraries: options.data.libraries.map(({ library }) => library),
      role: 'nurse',
    });
    // Issued before a broker is started that has to know its clients by name.
    const credential = pki.credentialFor(SERVER);
    this.serverProcess = new ServerProcess({
      clock,
      random,
      identity: SERVER,
      evidence: record,
      toLeave: (serial) => pki.migration.toLeave(serial),
      believes: () => this.#verifier('pump-server'),
      ...(options.store && { store: options.store, afterTurn: setImmediate }),
      dial: dialer({ ...shared, localAddress: network.addressOf('pump-server') }, credential),
    });
    const station = pki.credentialFor(STATION);
    const dialStation = dialer({ ...shared, localAddress: network.addressOf('nurse-station') }, station);
    this.station = new NurseStation({
      clock,
      controls: options.posture.controls,
      evidence: record,
      believes: this.#verifier('nurse-station'),
      connect: (handlers) =>
        keepConnected(dialStation, clock, random.fork('nurse-station/link'), {
          ...handlers,
          options: () => ({ clientId: clientIdOf(STATION), keepAliveS: 180 }),
        }),
      onBoard: options.onBoard,
      onNotice: options.onNotice,
    });
    this.station.expectTelemetryEvery(options.telemetryEveryMs);
    const drop = (fingerprint: string): void => {
      if (options.brokerObeys !== false) this.#broker?.dropRevoked(fingerprint);
    };
    status.onRevoked(drop);
    this.#stopListening = pki.onRevoked(({ fingerprint }) => {
      // First the judge, so that whoever is dropped does not come in again.
      status.convict(fingerprint);
      drop(fingerprint);
    });
  }

  /**
   * Starts the broker, then everybody who connects to it.
   *
   * @throws PumprangeError `PR_PORT_IN_USE`, `PR_PORT_DENIED`
   */
  static async start(options: TestbedOptions): Promise<Testbed> {
    const status = await openCertificateStatus({ ...options, evidence: options.evidence.record });
    let testbed: Testbed | undefined;
    try {
      const ceilings = await commissionedCeilings(options);
      const floor = new Testbed(options, status, ceilings, await hasLoopbackRange());
      testbed = floor;
      await status.prepare(() => floor.#chains());
      await testbed.startBroker();
      await testbed.startPkiService();
    } catch (error) {
      if (testbed !== undefined) testbed.#stopListening();
      await testbed?.stopBroker();
      await status.stop();
      throw error;
    }
    testbed.server.start();
    testbed.station.start();
    for (const member of testbed.members.values()) member.start();
    return testbed;
  }

  get server(): PumpServer {
    return this.serverProcess.server;
  }

  get broker(): FloorBroker | undefined {
    return this.#broker;
  }

  /** Where pumps enrol now; `undefined` where nobody answers. */
  get estPort(): number | undefined {
    return this.#pkiService?.port;
  }

  /** Where a pump takes the broker to be. */
  #brokerFor(serial: Serial): Endpoint {
    return { ...this.#endpoint, ...this.#misdirected.get(serial) };
  }

  /** Listeners that are open now. */
  listeners(): readonly Endpoint[] {
    const broker = this.#broker;
    if (broker === undefined) return [];
    const tls: Endpoint = { host: HOST, port: broker.port, listener: 'tls' };
    const { plaintextPort } = broker;
    return plaintextPort === undefined
      ? [tls]
      : [tls, { host: HOST, port: plaintextPort, listener: 'plaintext' }];
  }

  /** How somebody on this floor who hears pumps tells what they say from what is said in their name. */
  #verifier(source: string): BelieveUplink {
    const { clock, posture, evidence, onBelieved } = this.options;
    const believes = uplinkVerifier({
      judge: this.judge,
      controls: posture.controls,
      nowMs: () => clock.now(),
      evidence: evidence.record,
      source,
      // Of a pump that is none of this floor nobody knows that it cannot.
      signs: (serial) =>
        isEffective(
          'signed-uplink',
          posture.controls,
          this.members.get(serial)?.pump.firmware.weaknesses ?? [],
        ),
    });
    if (onBelieved === undefined) return believes;
    return (topic, serial, message) => {
      const believed = believes(topic, serial, message);
      if (believed) onBelieved(source, topic, message);
      return believed;
    };
  }

  /** The certificates of everybody on this floor, so that what is to be known of them is known before they connect. */
  #chains(): readonly (readonly Buffer[])[] {
    const { pki, manufacturer } = this.options;
    // Pumps that enrol have none yet.
    const serials = manufacturer === undefined ? [...this.members.keys()] : [];
    const pumps = serials.map((id) => ({ kind: 'pump', id }) as const);
    return [BROKER, SERVER, STATION, ...pumps].map((identity) => pki.credentialFor(identity).chainDer);
  }

  /** Starts the broker where it was before, or where the options say. Does nothing if it runs. */
  async startBroker(): Promise<void> {
    if (this.#broker !== undefined) return;
    this.#broker = await (this.options.startBroker ?? this.#startOurs)(this.#ports);
    this.#ports = { tls: this.#broker.port, plaintext: this.#broker.plaintextPort };
    // Where nobody asks for certificates, pumps do as such floors do: they speak in the clear.
    const listeners = this.listeners();
    const endpoint = listeners.find(({ listener }) => listener === 'plaintext') ?? listeners[0];
    if (endpoint !== undefined) this.#endpoint = endpoint;
  }

  readonly #startOurs = ({ tls, plaintext }: FloorPorts): Promise<FloorBroker> => {
    const { clock, settling, pki, posture, keyLog, brokerHost } = this.options;
    const limits = posture.limits ?? (brokerHost && limitsFor(brokerHost));
    return Broker.start({
      clock,
      settling,
      host: HOST,
      port: tls,
      ...(plaintext === undefined ? {} : { plaintextPort: plaintext }),
      credential: pki.credentialFor(BROKER),
      judge: this.judge,
      controls: posture.controls,
      ...(limits && { limits }),
      capacity: brokerHost && { host: brokerHost, killed: () => this.#outOfMemory(brokerHost) },
      evidence: this.#record,
      gate: this.network.gate,
      ...(keyLog && { keyLog }),
    });
  };

  /** Somebody tells a pump a wrong place for the broker, and its session breaks off: it dials anew, and speaks as before. */
  misdirect(serial: Serial, to: Omit<Endpoint, 'listener'>): void {
    const { radio } = this.member(serial);
    this.#misdirected.set(serial, to);
    if (!radio.reaches) return;
    radio.cut();
    radio.restore();
  }

  /** Nobody does so any more. It finds the broker when it dials the next time, and not before. */
  leadBack(serial: Serial): void {
    this.#misdirected.delete(serial);
  }

  /** Its host kills the broker, and a supervisor starts it again. Not within the broker's own work. */
  #outOfMemory({ restartMs }: BrokerHost): void {
    const { clock, settling, evidence } = this.options;
    clock.after(0, () => {
      const cause = 'it held more than its host has memory for';
      evidence.record({
        ...{ source: 'broker', event: 'process.killed', outcome: 'observed', visibility: 'blue', cause },
      });
      void settling.hold('the broker that is killed', () => this.stopBroker());
      this.#restart = clock.after(restartMs, () => {
        void settling.hold('the broker that its supervisor starts', () => this.startBroker());
      });
    });
  }

  /** The broker dies: all connections are cut, and what it knew is gone. */
  async stopBroker(): Promise<void> {
    const broker = this.#broker;
    this.#broker = undefined;
    await broker?.stop();
  }

  /** Starts the EST server where it was before. Does nothing if it runs, or if no pump enrols through it. */
  async startPkiService(): Promise<void> {
    const { clock, settling, pki, manufacturer, posture } = this.options;
    if (this.#pkiService !== undefined || manufacturer === undefined) return;
    this.#pkiService = await startPkiService({
      clock,
      settling,
      pki,
      manufacturer,
      controls: posture.controls,
      evidence: this.#record,
      gate: this.network.gate,
      host: HOST,
      port: this.#pkiPort,
      lifetimeMs: this.options.pumpCertificateMs,
    });
    this.#pkiPort = this.#pkiService.port;
  }

  /** Nobody answers any more who would issue a certificate. */
  async stopPkiService(): Promise<void> {
    const service = this.#pkiService;
    this.#pkiService = undefined;
    await service?.stop();
  }

  /** Tells the pumps of waves that another process on the PKI has started. */
  takeUpWaves(): void {
    this.announceRenewals(this.options.pki.migration.takeUp());
  }

  announceRenewals(serials: readonly string[]): void {
    this.server.announceRenewals(serials.flatMap((serial) => parseSerial(serial) ?? []));
  }

  /** @throws PumprangeError for a serial number that is not on this floor */
  member(serial: string): FleetMember {
    for (const [known, member] of this.members) if (known === serial) return member;
    throw new PumprangeError('PR_STEP_FAILED', `there is no pump ${serial}`);
  }

  /** The key of a person or a vendor, to sign with. */
  signer(kind: 'pharmacist' | 'biomed' | 'nurse' | 'vendor', id: string): Signer {
    const { pki } = this.options;
    return kind === 'vendor'
      ? pki.credentialFor({ kind, id }, 'firmware-signer')
      : pki.credentialFor({ kind, id });
  }

  /** Stops everything, in the order in which nobody is left waiting. */
  async stop(): Promise<void> {
    this.#stopListening();
    this.#restart?.cancel();
    for (const member of this.members.values()) member.stop();
    this.server.stop();
    this.station.stop();
    await this.stopPkiService();
    await this.stopBroker();
    await this.network.stop();
    await this.status.stop();
    for (const { pump } of this.members.values()) pump.dispose();
  }
}
