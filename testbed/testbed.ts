import { Broker } from '../broker/index.ts';
import type { HeapClock, Random, Settling } from '../clock/index.ts';
import type { Pki } from '../pki/index.ts';
import {
  type CertificateJudge,
  clientIdOf,
  type IntentSink,
  type Posture,
  PumprangeError,
  type Serial,
  type Signer,
} from '../protocol/index.ts';
import { PumpServer } from '../pump-server/index.ts';
import type { LogRecord } from '../simulator/shell/index.ts';
import { type Endpoint, keepConnected } from '../simulator/transport/index.ts';
import { Caregiver } from '../simulator/ward/index.ts';
import type { EvidenceLog } from '../supervision/index.ts';
import type { WardData } from './data.ts';
import { addPump, dialer, type FleetMember, type PumpSpec } from './fleet.ts';
import type { FloorBroker, FloorPorts } from './floor-broker.ts';

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
  readonly onRecord?: (serial: Serial, record: LogRecord) => void;
  /** Starts another broker in the place of ours. */
  readonly startBroker?: (ports: FloorPorts) => Promise<FloorBroker>;
}

/** Every listener of the testbed is on loopback. */
export const HOST = '127.0.0.1';
export const BROKER = { kind: 'broker', id: 'broker-01' } as const;
export const SERVER = { kind: 'pump-server', id: 'server-01' } as const;

/**
 * One hospital floor: PKI, broker, pump server and pumps, wired together. This is the one place where the siblings meet;
 * what one needs of another is handed over here as a port.
 */
export class Testbed {
  readonly options: TestbedOptions;
  readonly members: ReadonlyMap<Serial, FleetMember>;
  readonly caregiver: Caregiver;
  readonly server: PumpServer;
  #broker: FloorBroker | undefined;
  #endpoint: Endpoint = { host: HOST, port: 0, listener: 'tls' };
  /** Where the broker listened last: it comes back there. */
  #ports: FloorPorts;
  readonly #judge: CertificateJudge;
  readonly #stopListening: () => void;

  private constructor(options: TestbedOptions) {
    const { clock, settling, random, pki, posture, evidence, intents } = options;
    this.options = options;
    this.#ports = { tls: options.port };
    // Whether revocation counts is the judge's to know; each end that judges asks it.
    this.#judge = pki.judge({ revocation: posture.controls.has('certificate-revocation') });
    const shared = {
      ...options,
      judge: this.#judge,
      evidence: evidence.record,
      endpoint: () => this.#endpoint,
    };
    this.members = new Map(options.pumps.map((spec) => [spec.serial, addPump(spec, shared)]));
    this.caregiver = new Caregiver({
      clock,
      intents,
      // Out of the files, as the pump server releases them: nobody on the network has a say in the ledger.
      libraries: options.data.libraries.map(({ library }) => library),
      role: 'nurse',
    });
    // Issued before a broker is started that has to know its clients by name.
    const serverCredential = pki.credentialFor(SERVER);
    this.server = new PumpServer({
      clock,
      settling,
      identity: SERVER,
      bootId: `boot-${random.fork('pump-server').int(0, 0xffff_ffff).toString(16)}`,
      evidence: evidence.record,
      connect: (handlers) =>
        keepConnected(dialer(shared, serverCredential), clock, random.fork('pump-server/link'), {
          ...handlers,
          options: () => ({ clientId: clientIdOf(SERVER), keepAliveS: 180 }),
        }),
    });
    this.#stopListening = pki.onRevoked(({ fingerprint }) => this.#broker?.dropRevoked(fingerprint));
  }

  /**
   * Starts the broker, then everybody who connects to it.
   *
   * @throws PumprangeError `PR_PORT_IN_USE`, `PR_PORT_DENIED`
   */
  static async start(options: TestbedOptions): Promise<Testbed> {
    const testbed = new Testbed(options);
    try {
      await testbed.startBroker();
    } catch (error) {
      testbed.#stopListening();
      throw error;
    }
    testbed.server.start();
    for (const { shell } of testbed.members.values()) shell.start();
    return testbed;
  }

  get broker(): FloorBroker | undefined {
    return this.#broker;
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
    const { clock, settling, pki, posture, evidence } = this.options;
    return Broker.start({
      clock,
      settling,
      host: HOST,
      port: tls,
      ...(plaintext === undefined ? {} : { plaintextPort: plaintext }),
      credential: pki.credentialFor(BROKER),
      judge: this.#judge,
      controls: posture.controls,
      ...(posture.limits && { limits: posture.limits }),
      evidence: evidence.record,
    });
  };

  /** The broker dies: all connections are cut, and what it knew is gone. */
  async stopBroker(): Promise<void> {
    const broker = this.#broker;
    this.#broker = undefined;
    await broker?.stop();
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
    for (const { shell } of this.members.values()) shell.stop();
    this.server.stop();
    await this.stopBroker();
    for (const { pump } of this.members.values()) pump.dispose();
  }
}
