import type { Clock, Random, Timer } from '../../clock/index.ts';
import {
  type CertificateJudge,
  type ControlId,
  type Dial,
  type EvidenceSink,
  type LibraryCeiling,
  type PatientIdentifiers,
  type Signer,
  shortText,
  urnOf,
} from '../../protocol/index.ts';
import type { Fact, Pump } from '../pump/index.ts';
import { CeilingMemory } from './ceiling-intake.ts';
import { Communications } from './communications.ts';
import type { ConfigurationVerdict } from './configuration-intake.ts';
import type { LogRecord, LogStore } from './log-store.ts';
import { PatientRecord } from './patient-record.ts';
import { type NewRecord, PumpLog } from './pump-log.ts';
import { SenderNumbers } from './sender-numbers.ts';
import { UplinkSigner } from './uplink-signer.ts';

export interface PumpShellOptions {
  readonly pump: Pump;
  readonly clock: Clock;
  readonly random: Random;
  readonly dial: Dial;
  readonly judge: CertificateJudge;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  /** Period of telemetry; `Infinity` for none. */
  readonly telemetryEveryMs: number;
  /** Called for every record of the pump's own log, sent or not. */
  readonly onRecord?: (record: LogRecord) => void;
  /** See `CommunicationsOptions`. */
  readonly renewFrom?: ((authority: string) => void) | undefined;
  /** Where the log stands; a memory of its own unless told. */
  readonly logStore?: LogStore;
  /** What stands above every library from commissioning on, verified; none unless told. */
  readonly ceiling?: LibraryCeiling | null;
  /** Who comes when "new patient" is answered with yes; absent: nobody that has a name. */
  readonly admit?: (() => PatientIdentifiers) | undefined;
  /** The key and certificate that the pump signs with; absent: it has none. */
  readonly credential?: (() => Signer | undefined) | undefined;
  /** See `CommunicationsOptions`. */
  readonly onSaid?: ((topic: string, text: string) => void) | undefined;
}

/** After so long the software's own watchdog starts it again [GIP: an alarm after 3 min]. */
const RESTART_MS = 3 * 60_000;

/**
 * A pump with its communication subsystem. What is here outlives the software: the log, the ceiling above drug
 * libraries and the numbers that senders have used. The
 * software runs while there is power; the delivery side never waits for it.
 *
 * The recorder of the log has a cell of its own: what a pump notices without any other supply is written down too, and sent
 * after the next boot. Switched off on mains or with a battery, the radio stays up.
 */
export class PumpShell {
  readonly pump: Pump;
  readonly #options: PumpShellOptions;
  readonly #log: PumpLog;
  readonly #senders = new SenderNumbers();
  readonly #ceiling: CeilingMemory;
  readonly #patient: PatientRecord;
  readonly #signer: UplinkSigner;
  readonly #unlisten: () => void;
  #telemetryEveryMs: number;
  #boots = 0;
  #software: Communications;
  #state: 'new' | 'running' | 'hung' | 'without power' | 'ended' = 'new';
  #restart: Timer | undefined;
  #onSoftware: (runs: boolean) => void = () => undefined;

  constructor(options: PumpShellOptions) {
    this.#options = options;
    this.pump = options.pump;
    this.#telemetryEveryMs = options.telemetryEveryMs;
    this.#log = new PumpLog(options.logStore);
    this.#ceiling = new CeilingMemory(options.ceiling ?? null);
    this.#patient = new PatientRecord(options.controls);
    this.#signer = new UplinkSigner({
      controls: options.controls,
      weaknesses: () => this.pump.firmware.weaknesses,
      credential: options.credential ?? (() => undefined),
    });
    this.#software = this.#boot();
    this.#unlisten = this.pump.onFact((fact) => this.#factHappened(fact));
  }

  get isOnline(): boolean {
    return this.#software.isOnline;
  }

  /** Begins to connect, and to publish telemetry at a phase of its own. */
  start(): void {
    if (this.#state === 'new') this.#run();
  }

  /** Publishes telemetry at this period from now on, at a phase of its own; `Infinity` for none. */
  publishEvery(periodMs: number): void {
    this.#telemetryEveryMs = periodMs;
    if (this.#state === 'running') this.#software.publishEvery(periodMs);
  }

  /** Goes on under another certificate: one session ends and another begins, and the delivery side does not notice. */
  renewSession(): void {
    if (this.#state === 'running') this.#software.renewSession();
  }

  /**
   * The software hangs, and its own watchdog starts it again after a while. Until then nobody hears of the pump; what it delivers, and what
   * it writes down, has never waited for it.
   */
  crash(cause: string): void {
    if (this.#state !== 'running') return;
    this.#state = 'hung';
    this.#software.cut();
    this.#onSoftware(false);
    this.pump.link('offline');
    this.#restart = this.#options.clock.after(RESTART_MS, () => {
      this.#software = this.#boot();
      this.#options.evidence({
        source: `pump:${this.pump.serial}`,
        event: 'communications.restarted',
        outcome: 'observed',
        visibility: 'blue',
        deviceTimeMs: this.#options.clock.now(),
        subject: urnOf({ kind: 'pump', id: this.pump.serial }),
        cause,
      });
      this.#run();
    });
  }

  /** Whether the software runs. */
  get isUp(): boolean {
    return this.#state === 'running';
  }

  /** Calls back whenever the software begins to run, and whenever it no longer does. */
  onSoftware(listener: (runs: boolean) => void): void {
    this.#onSoftware = listener;
  }

  /** The log as it stands in the memory. */
  get log(): Pick<PumpLog, 'unconfirmed' | 'wipe' | 'rewrite'> {
    return this.#log;
  }

  /** Judges a device configuration that came another way than by a release, and takes it or not. */
  importConfiguration(content: unknown): ConfigurationVerdict {
    return this.#software.importConfiguration(content);
  }

  /** Says goodbye, and stops. */
  stop(): void {
    this.#end();
    this.#software.stop();
  }

  /** Stops as if the power of the radio went. */
  cut(): void {
    this.#end();
    this.#software.cut();
  }

  #end(): void {
    this.#state = 'ended';
    this.#restart?.cancel();
    this.#unlisten();
    this.#onSoftware(false);
  }

  /** Each boot draws from a generator of its own, so that a loss of power shifts nothing else. */
  #boot(): Communications {
    const { random } = this.#options;
    this.#boots += 1;
    return new Communications({
      ...this.#options,
      random: this.#boots === 1 ? random : random.fork(`boot-${this.#boots}`),
      log: this.#log,
      senders: this.#senders,
      ceiling: this.#ceiling,
      patient: this.#patient,
      crash: (cause) => this.crash(cause),
      signer: this.#signer,
    });
  }

  #run(): void {
    this.#state = 'running';
    this.#software.start();
    this.#software.publishEvery(this.#telemetryEveryMs);
    this.#onSoftware(true);
  }

  #factHappened(fact: Fact): void {
    if (fact.fact === 'event' && fact.event === 'powered-on' && this.#state === 'without power') {
      this.#software = this.#boot();
      this.#run();
    }
    const fails = fact.fact === 'event' && fact.event === 'power-failed';
    const loses = fails && this.#state === 'running';
    if (loses || (fails && this.#state === 'hung')) {
      this.#restart?.cancel();
      this.#state = 'without power';
      this.#software.cut();
      this.#onSoftware(false);
    }
    const admits = fact.fact === 'event' && fact.event === 'powered-on' && fact.detail.newPatient === true;
    if (admits && this.#options.admit !== undefined) {
      this.#patient.admitted(this.#options.admit());
      this.#software.patientChanged();
    }
    const kept = this.#log.append(recordOf(fact, this.#patient), this.#software.bootId);
    this.#options.onRecord?.(kept);
    this.#software.recorded();
    if (admits) this.#software.newPatient();
    if (fact.fact === 'alarm' || STATUS_CHANGES.has(fact.event)) this.#software.publishStatus();
    if (loses) this.pump.link('offline');
    if (fact.fact === 'event' && fact.event === 'firmware-updated') this.#software.firmwareChanged();
  }
}

/**
 * The record of a fact. Its texts are cut, wherever they come from: a record that is larger than what the server takes would never get a
 * receipt.
 */
function recordOf(fact: Fact, patient: PatientRecord): NewRecord {
  const happenedAt = new Date(fact.atMs).toISOString();
  if (fact.fact === 'alarm') {
    const { alarm, channel, priority, change } = fact;
    return { stream: 'alarm', body: { alarm, channel, priority, change, happenedAt } };
  }
  const { event, channel, detail } = fact;
  const short = Object.entries(detail).map(([key, value]) => [
    key,
    typeof value === 'string' ? shortText(value) : value,
  ]);
  return {
    stream: 'event',
    body: { event, channel, happenedAt, detail: Object.fromEntries(short), ...patient.inClear() },
  };
}

/** Events after which the retained status is no longer true. */
const STATUS_CHANGES: ReadonlySet<string> = new Set([
  'library-pending',
  'library-activated',
  'library-dropped',
  'configuration-taken',
  'firmware-updated',
  'firmware-staging',
  'firmware-staged',
  'firmware-trial',
  'firmware-rolled-back',
]);
