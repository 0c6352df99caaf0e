import type { Clock, Random, Timer } from '../../clock/index.ts';
import {
  type CertificateJudge,
  Composer,
  type ControlId,
  clientIdOf,
  type Dial,
  type Envelope,
  type EvidenceSink,
  type Identity,
  type Link,
  parseMessage,
  parseTopic,
  parseUrn,
  pumpTopic,
  receiptMessage,
  renewalMessage,
  topicName,
  urnOf,
} from '../../protocol/index.ts';
import type { Pump } from '../pump/index.ts';
import { type Connection, keepConnected } from '../transport/index.ts';
import { CeilingIntake, type CeilingMemory } from './ceiling-intake.ts';
import { ConfigurationIntake, type ConfigurationVerdict } from './configuration-intake.ts';
import type { LogRecord } from './log-store.ts';
import { LogUplink } from './log-uplink.ts';
import type { PatientRecord } from './patient-record.ts';
import type { PumpLog } from './pump-log.ts';
import { ReleaseIntake } from './release-intake.ts';
import { RemoteCommands } from './remote-commands.ts';
import type { SenderNumbers } from './sender-numbers.ts';
import { TelemetryText } from './telemetry-text.ts';
import type { UplinkSigner } from './uplink-signer.ts';

export interface CommunicationsOptions {
  readonly pump: Pump;
  readonly clock: Clock;
  /** A generator of this boot's own. */
  readonly random: Random;
  readonly dial: Dial;
  readonly judge: CertificateJudge;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  /** What outlives the software. */
  readonly log: PumpLog;
  readonly senders: SenderNumbers;
  readonly ceiling: CeilingMemory;
  readonly patient: PatientRecord;
  readonly signer: UplinkSigner;
  /** Told of all that the pump says of itself, its last will included. */
  readonly onSaid?: ((topic: string, text: string) => void) | undefined;
  /** The software hangs, on a firmware that can be made to. */
  readonly crash: (cause: string) => void;
  /** Told of the authority whose certificates are to be replaced; absent: the pump does not renew by itself, and does not listen. */
  readonly renewFrom?: ((authority: string) => void) | undefined;
}

/** Telemetry shows sooner that a pump fell silent; the keep-alive only tells the broker to clear up after it. */
export const KEEP_ALIVE_S = 180;
const UPLINK_TYPES = ['status', 'telemetry', 'alarm', 'event', 'ack', 'patient', 'artifact-request'];
const DOWNLINK_TYPES = [
  'command',
  'order',
  'receipt',
  'renewal',
  'ceiling-release',
  'library-release',
  'configuration-release',
  'firmware-release',
];
const SCHEMA_VERSIONS = Object.fromEntries([...UPLINK_TYPES, ...DOWNLINK_TYPES].map((type) => [type, [1]]));

/**
 * The software of a pump's communication subsystem from one boot to the next loss of power: it keeps a session up, says what the pump
 * says, sends the log until the server has it, and passes on what comes in once it has been judged.
 */
export class Communications {
  /** Names this boot in every message. */
  readonly bootId: string;
  readonly #options: CommunicationsOptions;
  readonly #self: Identity;
  readonly #composer: Composer;
  readonly #telemetryTopic: string;
  readonly #telemetryText: TelemetryText;
  readonly #uplink: LogUplink;
  readonly #commands: RemoteCommands;
  readonly #releases: ReleaseIntake;
  readonly #ceilings: CeilingIntake;
  readonly #configurations: ConfigurationIntake;
  #telemetry: Timer | undefined;
  #connection: Connection | undefined;
  #online: Link | undefined;
  #willIsSigned = false;
  #lastSent: Promise<void> | undefined;

  constructor(options: CommunicationsOptions) {
    const { pump, clock, random, judge, controls, evidence, log, ceiling: memory } = options;
    this.#options = options;
    this.#self = { kind: 'pump', id: pump.serial };
    this.bootId = `boot-${random.int(0, 0xffff_ffff).toString(16)}`;
    this.#composer = new Composer(this.#self, this.bootId, () => clock.now());
    this.#telemetryTopic = pumpTopic(pump.serial, 'telemetry');
    this.#telemetryText = new TelemetryText(this.#composer.from, this.bootId);
    this.#uplink = new LogUplink(log, clock, (record, oldestSeq) => this.#sendRecord(record, oldestSeq));
    const shared = { pump, clock, judge, controls, evidence };
    this.#commands = new RemoteCommands({
      ...shared,
      senders: options.senders,
      crash: options.crash,
      composer: this.#composer,
      answer: (ack) => this.#publish(pumpTopic(pump.serial, 'ack'), ack, { qos: 1 }),
    });
    const ceiling = () => memory.current;
    this.#releases = new ReleaseIntake({ ...shared, composer: this.#composer, ceiling });
    this.#configurations = new ConfigurationIntake(shared);
    this.#ceilings = new CeilingIntake({ ...shared, memory, changed: () => this.#releases.ceilingChanged() });
  }

  get isOnline(): boolean {
    return this.#online !== undefined;
  }

  /** Begins to connect. */
  start(): void {
    const { pump, clock, random, dial } = this.#options;
    this.#connection = keepConnected(dial, clock, random.fork('link'), {
      options: () => ({
        clientId: clientIdOf(this.#self),
        keepAliveS: KEEP_ALIVE_S,
        will: { ...this.#will(), retain: true },
      }),
      connecting: () => pump.link('connecting'),
      online: (link) => this.#cameOnline(link),
      offline: () => {
        this.#wentOffline();
        pump.link('offline');
      },
      message: (topic, payload) => this.#guarded(topic, payload),
    });
  }

  /** Ends the session and opens another, which shows the certificate that the pump has now. */
  renewSession(): void {
    this.#connection?.renew();
  }

  /** Publishes telemetry at this period from now on, at a phase of its own; `Infinity` for none. */
  publishEvery(periodMs: number): void {
    const { clock, random } = this.#options;
    this.#telemetry?.cancel();
    if (!Number.isFinite(periodMs)) return;
    const publish = (): void => {
      this.#telemetry = clock.after(periodMs, publish);
      this.#publishTelemetry();
    };
    this.#telemetry = clock.after(random.between(0, periodMs), publish);
  }

  /** The log has a new record: something has happened at the pump. */
  recorded(): void {
    this.#uplink.sendDue();
    this.#configurations.happened();
  }

  /** Judges a device configuration that came another way than by a release. */
  importConfiguration(content: unknown): ConfigurationVerdict {
    return this.#configurations.offered(content);
  }

  /** Somebody has answered "new patient" with yes. */
  newPatient(): void {
    this.#ceilings.newPatient();
  }

  /** Another firmware runs. */
  firmwareChanged(): void {
    this.#releases.firmwareChanged();
    // A last will that nobody would believe is of no use.
    if (this.#options.signer.signs !== this.#willIsSigned) this.#connection?.renew();
  }

  /** Says goodbye, and stops. */
  stop(): void {
    this.#halt();
    this.#connection?.end();
  }

  /** Stops as if the power of the radio went. */
  cut(): void {
    this.#halt();
    this.#connection?.cut();
  }

  /** Says who the patient is, to those who may know. Nothing of it is retained: whoever comes later asks the record system. */
  #publishPatient(): void {
    const { current } = this.#options.patient;
    if (current === null) return;
    const message = this.#composer.compose('patient', current);
    this.#publish(pumpTopic(this.#options.pump.serial, 'patient'), message, { qos: 1 });
  }

  /** Another patient has come. */
  patientChanged(): void {
    this.#publishPatient();
    // Where it says so in clear, the retained one is no longer true.
    if (this.#options.patient.inClear().patient !== undefined) this.publishStatus();
  }

  publishStatus(): void {
    if (this.#online === undefined) return;
    this.#publish(
      pumpTopic(this.#options.pump.serial, 'status'),
      this.#composer.compose('status', this.#status('online')),
      { qos: 1, retain: true },
    );
  }

  #halt(): void {
    this.#telemetry?.cancel();
    this.#wentOffline();
  }

  #cameOnline(link: Link): void {
    const { pump } = this.#options;
    this.#online = link;
    const { serial, careArea, model } = pump;
    const filters = [
      pumpTopic(serial, 'command'),
      pumpTopic(serial, 'receipt'),
      ...(this.#options.renewFrom === undefined ? [] : [pumpTopic(serial, 'renewal')]),
      // Before the library that it is for.
      topicName({ kind: 'ceiling-release', careArea }),
      topicName({ kind: 'library-release', careArea }),
      topicName({ kind: 'configuration-release', careArea }),
      topicName({ kind: 'firmware-release', model: model.id }),
    ];
    for (const filter of filters) void link.subscribe(filter, 1);
    this.publishStatus();
    this.#publishPatient();
    this.#releases.online(link);
    // What is in the log already comes before the record that says that the link is up.
    this.#uplink.online();
    pump.link('online');
  }

  #wentOffline(): void {
    this.#online = undefined;
    this.#uplink.offline();
    this.#releases.offline();
  }

  #sendRecord(record: LogRecord, oldestSeq: number): void {
    const { seq, bootId, stream, body } = record;
    const message = this.#composer.compose(stream, { ...body, oldestSeq }, { seq });
    this.#publish(pumpTopic(this.#options.pump.serial, stream), { ...message, bootId }, { qos: 1 });
  }

  /** Whatever a message does to the communication subsystem, the pump and its neighbours go on. */
  #guarded(topic: string, payload: Buffer): void {
    try {
      this.#received(topic, payload);
    } catch (error) {
      this.#options.evidence({
        source: `pump:${this.#options.pump.serial}`,
        event: 'message.failed',
        outcome: 'denied',
        visibility: 'blue',
        deviceTimeMs: this.#options.clock.now(),
        cause: error instanceof Error ? error.message : String(error),
        object: topic,
      });
    }
  }

  #received(topic: string, payload: Buffer): void {
    const parsed = parseTopic(topic);
    switch (parsed?.kind) {
      case 'ceiling-release':
        return this.#ceilings.release(payload);
      case 'library-release':
        return this.#releases.library(payload);
      case 'configuration-release':
        return this.#configurations.release(payload);
      case 'firmware-release':
        return this.#releases.firmware(payload);
      case 'artifact-chunk':
        return this.#releases.chunk(parsed.digest, parsed.offset, payload);
      case 'pump':
        if (parsed.topic === 'command') return this.#commands.command(payload);
        if (parsed.topic === 'receipt') return this.#receipt(payload);
        if (parsed.topic === 'renewal') return this.#renewal(payload);
        return;
      default:
        return;
    }
  }

  #receipt(payload: Buffer): void {
    const parsed = parseMessage(receiptMessage, payload);
    if (!parsed.ok) return;
    const { from, to, body } = parsed.message;
    // A receipt from somebody who keeps no logs confirms nothing.
    if (to !== urnOf(this.#self) || parseUrn(from)?.kind !== 'pump-server') return;
    this.#uplink.confirmed(body.upToSeq);
  }

  #renewal(payload: Buffer): void {
    const parsed = parseMessage(renewalMessage, payload);
    if (!parsed.ok) return;
    const { from, to, body } = parsed.message;
    if (to !== urnOf(this.#self) || parseUrn(from)?.kind !== 'pump-server') return;
    this.#options.renewFrom?.(body.authority);
  }

  #publishTelemetry(): void {
    if (this.#online === undefined) return;
    const { pump, clock, patient, signer } = this.#options;
    const text = this.#telemetryText.next(pump.telemetrySample(), clock.now(), patient.inClearText());
    this.#send(this.#telemetryTopic, signer.signedText(text), UNCONFIRMED);
  }

  #will(): { readonly topic: string; readonly payload: string } {
    const { pump, signer, onSaid } = this.#options;
    const topic = pumpTopic(pump.serial, 'status');
    const will = signer.signed(this.#composer.compose('status', this.#status('offline')));
    this.#willIsSigned = will.signatures !== undefined;
    const payload = JSON.stringify(will);
    onSaid?.(topic, payload);
    return { topic, payload };
  }

  #status(link: 'online' | 'offline') {
    const { pump } = this.#options;
    const { model, careArea } = pump;
    const { library, firmware, configuration, alarms } = pump.reading();
    return {
      link,
      model: model.id,
      hardwareRevision: model.hardwareRevision,
      udi: `${model.udiDeviceIdentifier}(21)${pump.serial}`,
      careArea,
      firmware: firmware.running,
      firmwareSlots: { active: firmware.active, ...firmware.slots },
      library: library.inUse,
      libraryPending: library.pending,
      configuration,
      activeAlarms: alarms.map(({ alarm, channel, priority }) => ({ alarm, channel, priority })),
      capabilities: ['alarm-receipts', 'library-transfer', 'firmware-transfer'],
      schemaVersions: SCHEMA_VERSIONS,
      ...this.#options.patient.inClear(),
    };
  }

  #publish(topic: string, message: Envelope, options: PublishOptions): void {
    if (this.#online === undefined) return;
    this.#send(topic, JSON.stringify(this.#options.signer.signed(message)), options);
  }

  #send(topic: string, text: string, options: PublishOptions): void {
    this.#options.onSaid?.(topic, text);
    const sent = this.#online?.publish(topic, text, options);
    // A link may give one promise for all that needs no answer: it is looked after once.
    if (sent === this.#lastSent) return;
    this.#lastSent = sent;
    // A link that closes under a publication has nothing to say here: what matters is in the log.
    sent?.catch(() => undefined);
  }
}

interface PublishOptions {
  readonly qos: 0 | 1;
  readonly retain?: boolean;
}

const UNCONFIRMED: PublishOptions = { qos: 0 };
