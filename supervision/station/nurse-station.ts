import type { Clock } from '../../clock/index.ts';
import {
  alarmMessage,
  type BelieveUplink,
  type ControlId,
  type EvidenceSink,
  eventMessage,
  everyPump,
  type IdentityUrn,
  parseMessage,
  parseTopic,
  patientMessage,
  type Serial,
  statusMessage,
  telemetryMessage,
  urnOf,
} from '../../protocol/index.ts';
import { AlarmSupervision, type SilenceNotice } from './alarm-supervision.ts';
import { Board, type BoardChange, type BoardPump } from './board.ts';
import type { StationConnect } from './connect.ts';

export interface NurseStationOptions {
  readonly clock: Clock;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  readonly connect: StationConnect;
  /** Whether what a pump is said to have said is shown. */
  readonly believes: BelieveUplink;
  readonly onBoard?: ((change: BoardChange) => void) | undefined;
  readonly onNotice?: ((notice: SilenceNotice) => void) | undefined;
}

/** The status first: it shows the certificate that all else is signed with. Events only for their numbers, which alarms share. */
const SUBSCRIPTIONS: readonly (readonly [filter: string, qos: 0 | 1])[] = [
  [everyPump('status'), 1],
  [everyPump('alarm'), 1],
  [everyPump('event'), 1],
  [everyPump('patient'), 1],
  [everyPump('telemetry'), 0],
];

/** A nurses' station: an MQTT client that shows what pumps say, and notices those that say nothing any more. */
export class NurseStation {
  readonly #options: NurseStationOptions;
  readonly #board: Board;
  readonly #supervision: AlarmSupervision;
  #connection: ReturnType<StationConnect> | undefined;

  constructor(options: NurseStationOptions) {
    const { clock, controls, evidence } = options;
    this.#options = options;
    this.#board = new Board((change) => options.onBoard?.(change));
    this.#supervision = new AlarmSupervision({
      ...{ clock, controls, evidence },
      noticed: (notice) => options.onNotice?.(notice),
    });
  }

  start(): void {
    this.#connection ??= this.#options.connect({
      online: (link) => {
        this.#supervision.forgetNumbers();
        for (const [filter, qos] of SUBSCRIPTIONS) void link.subscribe(filter, qos);
      },
      offline: () => undefined,
      message: (topic, payload) => this.#received(topic, payload),
    });
  }

  stop(): void {
    this.#connection?.end();
    this.#supervision.stop();
  }

  /** See `AlarmSupervision`. */
  expectTelemetryEvery(periodMs: number): void {
    this.#supervision.expectTelemetryEvery(periodMs);
  }

  /** See `AlarmSupervision`. */
  dismiss(serial: Serial): void {
    this.#supervision.dismiss(serial);
  }

  /** What it shows now. */
  pumps(): readonly BoardPump[] {
    return this.#board.pumps();
  }

  #received(name: string, payload: Buffer): void {
    const topic = parseTopic(name);
    if (topic?.kind !== 'pump') return;
    const { serial } = topic;
    const nowMs = this.#options.clock.now();
    switch (topic.topic) {
      case 'status': {
        const message = this.#read(name, serial, parseMessage(statusMessage, payload));
        if (message === undefined) return;
        this.#board.status(serial, message, nowMs);
        if (message.body.link === 'online') this.#supervision.heard(serial);
        else this.#supervision.lostLink(serial);
        return;
      }
      case 'telemetry': {
        const message = this.#read(name, serial, parseMessage(telemetryMessage, payload));
        if (message === undefined) return;
        this.#board.telemetry(serial, message, nowMs);
        return this.#supervision.heard(serial);
      }
      case 'alarm': {
        const message = this.#read(name, serial, parseMessage(alarmMessage, payload));
        if (message === undefined) return;
        this.#board.alarm(serial, message, nowMs);
        return this.#supervision.numbered(serial, message.seq, message.body.oldestSeq ?? 0);
      }
      case 'event': {
        const message = this.#read(name, serial, parseMessage(eventMessage, payload));
        if (message === undefined) return;
        return this.#supervision.numbered(serial, message.seq, message.body.oldestSeq ?? 0);
      }
      case 'patient':
        // It knows who lies where; there is nothing to show that a rehearsal asks for.
        this.#read(name, serial, parseMessage(patientMessage, payload));
        return;
      default:
        return;
    }
  }

  /** What follows no schema is nothing, and so is what another says in the name of a pump. */
  #read<M extends Parameters<BelieveUplink>[2] & { readonly from: IdentityUrn }>(
    name: string,
    serial: Serial,
    parsed: { readonly ok: true; readonly message: M } | { readonly ok: false },
  ): M | undefined {
    if (!parsed.ok || parsed.message.from !== urnOf({ kind: 'pump', id: serial })) return undefined;
    return this.#options.believes(name, serial, parsed.message) ? parsed.message : undefined;
  }
}
