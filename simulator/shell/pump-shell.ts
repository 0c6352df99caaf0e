import type { Clock, Random, Timer } from '../../clock/index.ts';
import {
  type AckMessage,
  type CertificateJudge,
  type CommandMessage,
  Composer,
  type ControlId,
  clientIdOf,
  type Dial,
  type EvidenceSink,
  type Identity,
  type Link,
  parseMessage,
  parseTopic,
  parseUrn,
  pumpTopic,
  receiptMessage,
  topicName,
  urnOf,
} from '../../protocol/index.ts';
import type { Fact, Pump } from '../pump/index.ts';
import { keepConnected } from '../transport/index.ts';
import { judgeCommand } from './command-intake.ts';
import { type LogRecord, type NewRecord, PumpLog } from './pump-log.ts';
import { ReleaseIntake } from './release-intake.ts';

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
}

/** Telemetry shows sooner that a pump fell silent; the keep-alive only tells the broker to clear up after it. */
const KEEP_ALIVE_S = 180;
/** After so long without a receipt the log is sent again. */
const RESEND_MS = 30_000;
/** A pump that comes back after a long outage sends so many records at once. */
const MOST_AT_ONCE = 500;
/** Senders whose numbers are remembered; commands live shorter than it takes so many to come. */
const MOST_SENDERS = 1_000;
const UPLINK_TYPES = ['status', 'telemetry', 'alarm', 'event', 'ack', 'artifact-request'];
const DOWNLINK_TYPES = ['command', 'order', 'receipt', 'library-release', 'firmware-release'];

/**
 * The communication subsystem of a pump: it keeps a session up, says what the pump says, keeps the log until the server has it,
 * and passes on what comes in once it has been judged. The delivery side never waits for it.
 */
export class PumpShell {
  readonly pump: Pump;
  readonly #options: PumpShellOptions;
  readonly #self: Identity;
  readonly #composer: Composer;
  readonly #log = new PumpLog();
  readonly #releases: ReleaseIntake;
  readonly #lastSeq = new Map<string, number>();
  readonly #unlisten: () => void;
  #telemetry: Timer | undefined;
  #connection: ReturnType<typeof keepConnected> | undefined;
  #resend: Timer | undefined;
  #online: Link | undefined;

  constructor(options: PumpShellOptions) {
    const { pump, clock, random, judge, controls, evidence } = options;
    this.#options = options;
    this.pump = pump;
    this.#self = { kind: 'pump', id: pump.serial };
    this.#composer = new Composer(this.#self, `boot-${random.int(0, 0xffff_ffff).toString(16)}`, () =>
      clock.now(),
    );
    this.#releases = new ReleaseIntake({ pump, clock, composer: this.#composer, judge, controls, evidence });
    this.#unlisten = pump.onFact((fact) => this.#factHappened(fact));
  }

  get isOnline(): boolean {
    return this.#online !== undefined;
  }

  /** Begins to connect, and to publish telemetry at a phase of its own. */
  start(): void {
    const { clock, random, dial, telemetryEveryMs } = this.#options;
    this.#connection = keepConnected(dial, clock, random.fork('link'), {
      options: () => ({
        clientId: clientIdOf(this.#self),
        keepAliveS: KEEP_ALIVE_S,
        will: {
          topic: pumpTopic(this.pump.serial, 'status'),
          payload: JSON.stringify(this.#composer.compose('status', this.#status('offline'))),
          retain: true,
        },
      }),
      connecting: () => this.pump.link('connecting'),
      online: (link) => this.#cameOnline(link),
      offline: () => this.#wentOffline(),
      message: (topic, payload) => this.#guarded(topic, payload),
    });
    this.publishEvery(telemetryEveryMs);
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

  #halt(): void {
    this.#unlisten();
    this.#telemetry?.cancel();
    this.#resend?.cancel();
    this.#online = undefined;
  }

  #cameOnline(link: Link): void {
    this.#online = link;
    this.pump.link('online');
    const { serial, careArea, model } = this.pump;
    const filters = [
      pumpTopic(serial, 'command'),
      pumpTopic(serial, 'receipt'),
      topicName({ kind: 'library-release', careArea }),
      topicName({ kind: 'firmware-release', model: model.id }),
    ];
    for (const filter of filters) void link.subscribe(filter, 1);
    this.#publishStatus();
    this.#releases.online(link);
    this.#sendUnconfirmed();
  }

  #wentOffline(): void {
    this.#online = undefined;
    this.#resend?.cancel();
    this.#resend = undefined;
    this.#releases.offline();
    this.pump.link('offline');
  }

  #factHappened(fact: Fact): void {
    const happenedAt = new Date(fact.atMs).toISOString();
    const record: NewRecord =
      fact.fact === 'alarm'
        ? {
            stream: 'alarm',
            body: {
              alarm: fact.alarm,
              channel: fact.channel,
              priority: fact.priority,
              change: fact.change,
              happenedAt,
            },
          }
        : {
            stream: 'event',
            body: { event: fact.event, channel: fact.channel, happenedAt, detail: { ...fact.detail } },
          };
    const kept = this.#log.append(record, this.#composer.bootId);
    this.#options.onRecord?.(kept);
    this.#sendRecord(kept);
    if (fact.fact === 'alarm' || STATUS_CHANGES.has(fact.event)) this.#publishStatus();
  }

  #sendUnconfirmed(): void {
    for (const record of this.#log.unconfirmed().slice(0, MOST_AT_ONCE)) this.#sendRecord(record);
  }

  #sendRecord(record: LogRecord): void {
    if (this.#online === undefined) return;
    const message = this.#composer.compose(record.stream, record.body, { seq: record.seq });
    const topic = pumpTopic(this.pump.serial, record.stream);
    this.#publish(topic, { ...message, bootId: record.bootId }, { qos: 1 });
    // Nothing but the receipt of the server proves that a record is stored: the broker's acknowledgement does not.
    this.#resend ??= this.#options.clock.after(RESEND_MS, () => {
      this.#resend = undefined;
      this.#sendUnconfirmed();
    });
  }

  /** Whatever a message does to the communication subsystem, the pump and its neighbours go on. */
  #guarded(topic: string, payload: Buffer): void {
    try {
      this.#received(topic, payload);
    } catch (error) {
      this.#options.evidence({
        source: `pump:${this.pump.serial}`,
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
      case 'library-release':
        return this.#releases.library(payload);
      case 'firmware-release':
        return this.#releases.firmware(payload);
      case 'artifact-chunk':
        return this.#releases.chunk(parsed.digest, parsed.offset, payload);
      case 'pump':
        if (parsed.topic === 'command') return this.#command(payload);
        if (parsed.topic === 'receipt') return this.#receipt(payload);
        return;
      default:
        return;
    }
  }

  #receipt(payload: Buffer): void {
    const parsed = parseMessage(receiptMessage, payload);
    if (!parsed.ok) return;
    const { from, to, body } = parsed.message;
    // A receipt for what was never said, or from somebody who keeps no logs, confirms nothing.
    if (to !== urnOf(this.#self) || parseUrn(from)?.kind !== 'pump-server') return;
    if (!this.#log.knows(body.upToSeq) || !this.#log.forget(body.upToSeq)) return;
    if (this.#log.unconfirmed().length === 0) {
      this.#resend?.cancel();
      this.#resend = undefined;
    }
  }

  #command(payload: Buffer): void {
    const { judge, controls, clock } = this.#options;
    const reading = this.pump.reading();
    const verdict = judgeCommand(payload, {
      self: urnOf(this.#self),
      judge,
      controls,
      weaknesses: this.pump.firmware.weaknesses,
      nowMs: clock.now(),
      lastSeq: (from, bootId) => this.#lastSeq.get(`${from} ${bootId}`) ?? -1,
      infusing: (channel) => reading.channels.some((one) => one.channel === channel && one.flowMlPerH > 0),
    });
    if (verdict.message !== undefined && verdict.genuine) this.#remember(verdict.message);
    if (!verdict.accepted) {
      this.#answer(verdict.message, 'refused', verdict.control, verdict.reason);
      return;
    }
    const { message } = verdict;
    const result = this.#obey(message);
    if (result.accepted) this.#answer(message, 'accepted', null, 'done');
    else this.#answer(message, 'refused', result.control, result.reason);
  }

  /** A number counts as used whatever became of the command: a refused one must not work later. */
  #remember({ from, bootId, seq }: CommandMessage): void {
    const sender = `${from} ${bootId}`;
    this.#lastSeq.delete(sender);
    this.#lastSeq.set(sender, seq);
    const [oldest] = this.#lastSeq.keys();
    if (this.#lastSeq.size > MOST_SENDERS && oldest !== undefined) this.#lastSeq.delete(oldest);
  }

  #obey({ body }: CommandMessage): ReturnType<Pump['remoteRate']> {
    switch (body.command) {
      case 'set-rate':
        return this.pump.remoteRate(body.channel, body.rateMlPerH);
      case 'pause':
        return this.pump.remotePause(body.channel);
      case 'identify':
        return { accepted: true };
    }
  }

  #answer(
    message: CommandMessage | undefined,
    outcome: AckMessage['body']['outcome'],
    control: ControlId | null,
    reason: string,
  ): void {
    this.#options.evidence({
      source: `pump:${this.pump.serial}`,
      event: outcome === 'accepted' ? 'command.accepted' : 'command.refused',
      outcome: outcome === 'accepted' ? 'allowed' : 'denied',
      visibility: 'blue',
      deviceTimeMs: this.#options.clock.now(),
      subject: message?.from ?? null,
      control,
      cause: reason,
      object: pumpTopic(this.pump.serial, 'command'),
    });
    if (message === undefined) return;
    const { from, bootId, seq } = message;
    this.#publish(
      pumpTopic(this.pump.serial, 'ack'),
      this.#composer.compose(
        'ack',
        { answers: { from, bootId, seq }, outcome, control, reason },
        { to: from },
      ),
      { qos: 1 },
    );
  }

  #publishTelemetry(): void {
    if (this.#online === undefined) return;
    const reading = this.pump.reading();
    const message = this.#composer.compose('telemetry', {
      channels: reading.channels.map((channel) => ({
        channel: channel.channel,
        therapy: channel.therapy,
        drug: channel.drug,
        rateMlPerH: rounded(channel.flowMlPerH),
        deliveredMl: rounded(channel.deliveredMl),
        volumeToBeInfusedMl: rounded(channel.volumeToBeInfusedMl),
        reservoirMl: rounded(channel.reservoirMl),
        pressureMmHg: rounded(channel.pressureMmHg),
      })),
      power: reading.power,
      batteryPercent: rounded(reading.batteryPercent),
    });
    this.#publish(pumpTopic(this.pump.serial, 'telemetry'), message, { qos: 0 });
  }

  #publishStatus(): void {
    this.#publish(
      pumpTopic(this.pump.serial, 'status'),
      this.#composer.compose('status', this.#status('online')),
      { qos: 1, retain: true },
    );
  }

  #status(link: 'online' | 'offline') {
    const { model, careArea } = this.pump;
    const { library, firmware, alarms } = this.pump.reading();
    return {
      link,
      model: model.id,
      hardwareRevision: model.hardwareRevision,
      udi: `${model.udiDeviceIdentifier}(21)${this.pump.serial}`,
      careArea,
      firmware: firmware.running,
      library: library.inUse,
      libraryPending: library.pending,
      activeAlarms: alarms.map(({ alarm, channel, priority }) => ({ alarm, channel, priority })),
      capabilities: ['alarm-receipts', 'library-transfer', 'firmware-transfer'],
      schemaVersions: Object.fromEntries([...UPLINK_TYPES, ...DOWNLINK_TYPES].map((type) => [type, [1]])),
    };
  }

  #publish(
    topic: string,
    message: object,
    options: { readonly qos: 0 | 1; readonly retain?: boolean },
  ): void {
    // A link that closes under a publication has nothing to say here: what matters is in the log.
    this.#online?.publish(topic, JSON.stringify(message), options).catch(() => undefined);
  }
}

/** Events after which the retained status is no longer true. */
const STATUS_CHANGES: ReadonlySet<string> = new Set([
  'library-pending',
  'library-activated',
  'firmware-updated',
  'firmware-rolled-back',
]);

/** To the thousandth, which is finer than anything a pump shows. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
