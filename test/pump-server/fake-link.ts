import { HeapClock } from '../../clock/index.ts';
import { Composer, type EvidenceEntry, type Link, parseSerial, type Serial } from '../../protocol/index.ts';
import {
  type ConnectHandlers,
  memoryStore,
  PumpServer,
  type RecordStore,
  type ServerStore,
} from '../../pump-server/index.ts';

export const START_MS = Date.parse('2026-03-02T06:00:00.000Z');
export const SERIAL: Serial = parseSerial('LVP-0001')!;
export const OTHER: Serial = parseSerial('LVP-0002')!;

export interface Published {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** One session: remembers what is said, and acknowledges at once, never, or with a refusal. */
export class FakeLink implements Link {
  readonly published: Published[] = [];
  readonly subscribed: [filter: string, qos: 0 | 1][] = [];
  refused: string[] = [];
  broken = false;

  publish(
    topic: string,
    payload: string | Uint8Array,
    options: { readonly qos: 0 | 1; readonly retain?: boolean },
  ): Promise<void> {
    const { qos, retain = false } = options;
    this.published.push({ topic, payload: Buffer.from(payload), qos, retain });
    return this.broken ? Promise.reject(new Error('the connection closed')) : Promise.resolve();
  }

  subscribe(filter: string, qos: 0 | 1): Promise<boolean> {
    this.subscribed.push([filter, qos]);
    return Promise.resolve(!this.refused.includes(filter));
  }

  end(): void {}
  cut(): void {}

  on(topic: string): Published[] {
    return this.published.filter((message) => message.topic === topic);
  }

  /** The numbers of the receipts for a pump. */
  receipts(serial: Serial = SERIAL): number[] {
    return this.on(`pumps/${serial}/receipt`).map(
      ({ payload }) => JSON.parse(payload.toString()).body.upToSeq,
    );
  }
}

/** A pump server on a bench, with a network in the test's hands. */
export class Bench {
  readonly clock = new HeapClock(START_MS);
  readonly evidence: EvidenceEntry[] = [];
  readonly server: PumpServer;
  link = new FakeLink();
  ended: string[] = [];
  #handlers: ConnectHandlers | undefined;

  constructor(
    options: {
      readonly records?: RecordStore;
      readonly store?: ServerStore;
      readonly afterTurn?: (work: () => void) => void;
      readonly toLeave?: (serial: Serial) => string | undefined;
    } = {},
  ) {
    const { records, store = memoryStore(), afterTurn } = options;
    this.server = new PumpServer({
      clock: this.clock,
      identity: { kind: 'pump-server', id: 'server-01' },
      bootId: 'boot-s',
      evidence: (entry) => this.evidence.push(entry),
      store: records === undefined ? store : { ...store, records },
      ...(afterTurn && { afterTurn }),
      ...(options.toLeave && { toLeave: options.toLeave }),
      connect: (handlers) => {
        this.#handlers = handlers;
        return { end: () => this.ended.push('end'), cut: () => this.ended.push('cut') };
      },
    });
    this.server.start();
  }

  online(link = new FakeLink()): FakeLink {
    this.link = link;
    this.#handlers!.online(link);
    return link;
  }

  offline(): void {
    this.#handlers!.offline('the connection closed');
  }

  receive(topic: string, message: unknown, retained = false): void {
    const payload = Buffer.isBuffer(message) ? message : Buffer.from(JSON.stringify(message));
    this.#handlers!.message(topic, payload, retained);
  }

  /** What the evidence has of one event. */
  seen(event: string): EvidenceEntry[] {
    return this.evidence.filter((entry) => entry.event === event);
  }
}

/** What a pump would say, with numbers of the test's choosing. */
export class FakePump {
  readonly serial: Serial;
  readonly #composer: Composer;

  constructor(serial: Serial = SERIAL, bootId = 'boot-1', nowMs: () => number = () => START_MS) {
    this.serial = serial;
    this.#composer = new Composer({ kind: 'pump', id: serial }, bootId, nowMs);
  }

  topic(name: string): string {
    return `pumps/${this.serial}/${name}`;
  }

  alarm(seq: number, alarm = 'occlusion') {
    const body = {
      alarm,
      channel: 'A',
      priority: 'high' as const,
      change: 'raised' as const,
      happenedAt: new Date(START_MS).toISOString(),
    };
    return this.#composer.compose('alarm', body, { seq });
  }

  event(seq: number, event = 'power-on') {
    const body = { event, channel: null, happenedAt: new Date(START_MS).toISOString(), detail: { n: seq } };
    return this.#composer.compose('event', body, { seq });
  }

  status(link: 'online' | 'offline' = 'online', firmware = '1.0.0') {
    return this.#composer.compose('status', {
      link,
      model: 'lvp',
      hardwareRevision: 'B',
      udi: '(01)00000000000000(21)LVP-0001',
      careArea: 'adult-icu',
      firmware,
      library: '1.0.0',
      libraryPending: null,
      activeAlarms: [],
      capabilities: [],
      schemaVersions: { status: [1] },
    });
  }

  telemetry(batteryPercent = 80) {
    const channel = {
      channel: 'A',
      therapy: 'infusing' as const,
      drug: 'heparin',
      rateMlPerH: 12,
      deliveredMl: 1,
      volumeToBeInfusedMl: 50,
      reservoirMl: 49,
      pressureMmHg: 30,
    };
    return this.#composer.compose('telemetry', { channels: [channel], power: 'mains', batteryPercent });
  }

  ack() {
    return this.#composer.compose('ack', {
      answers: { from: 'urn:pumprange:nurse-station:ns-01', bootId: 'boot-n', seq: 0 },
      outcome: 'accepted',
      control: null,
      reason: 'done',
    });
  }

  request(offset: number, length: number) {
    return this.#composer.compose('artifact-request', { offset, length });
  }
}

/** Lets promises that are settled already take their turn. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
