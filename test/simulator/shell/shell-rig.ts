import { HeapClock, seededRandom } from '../../../clock/index.ts';
import type { EvidenceEntry } from '../../../protocol/index.ts';
import { PumpServer } from '../../../pump-server/index.ts';
import type { Pump } from '../../../simulator/pump/index.ts';
import { type LogRecord, PumpShell, type PumpShellOptions } from '../../../simulator/shell/index.ts';
import { keepConnected, MemoryBroker } from '../../../simulator/transport/index.ts';
import { firmwareOf } from '../pump/rig.ts';
import { placePumps } from '../ward/rig.ts';

export const TELEMETRY_EVERY_MS = 10_000;

/** Runs a clock over a broker in memory: after each instant with promises they take their turn. */
export async function runSettled(clock: HeapClock, broker: MemoryBroker, untilMs: number): Promise<void> {
  await broker.settle();
  for (let dueMs = clock.nextDueMs(); dueMs !== undefined && dueMs <= untilMs; dueMs = clock.nextDueMs()) {
    clock.fireInstant();
    if (!broker.isQuiet) await broker.settle();
  }
  clock.moveTo(untilMs);
}

export interface Heard {
  readonly topic: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was published
  readonly message: any;
}

/** One pump on a broker in memory, with a pump server unless told, and somebody who hears all. */
export class ShellRig {
  readonly clock = new HeapClock(Date.parse('2026-03-02T06:00:00Z'));
  readonly broker = new MemoryBroker();
  readonly pump: Pump;
  readonly shell: PumpShell;
  readonly made: LogRecord[] = [];
  readonly heard: Heard[] = [];
  readonly evidence: EvidenceEntry[] = [];
  server: PumpServer;

  constructor(
    options: {
      readonly batteryPercent?: number;
      readonly firmware?: string;
    } & Partial<PumpShellOptions> = {},
  ) {
    const { batteryPercent, firmware, ...shellOptions } = options;
    const random = seededRandom(5);
    const placed = placePumps(this.clock, random, 1, {
      ...(batteryPercent && { batteryPercent }),
      ...(firmware && { firmware: firmwareOf('lvp', firmware) }),
    });
    this.pump = placed[0]!.pump;
    this.shell = new PumpShell({
      pump: this.pump,
      clock: this.clock,
      random: random.fork('shell'),
      dial: this.broker.dial,
      judge: () => {
        throw new Error('nobody shows a certificate here');
      },
      controls: new Set(),
      evidence: (entry) => this.evidence.push(entry),
      telemetryEveryMs: TELEMETRY_EVERY_MS,
      onRecord: (record) => this.made.push(record),
      ...shellOptions,
    });
    this.server = this.newServer();
  }

  async start(): Promise<this> {
    const observer = await this.broker.dial(
      { clientId: 'observer:observer-01', keepAliveS: 0 },
      {
        message: (topic, payload) => this.heard.push({ topic, message: JSON.parse(payload.toString()) }),
        closed: () => undefined,
      },
    );
    void observer.subscribe('pumps/#', 1);
    this.server.start();
    await this.broker.settle();
    this.shell.start();
    await this.broker.settle();
    return this;
  }

  /** A server that knows nothing: the one before goes. */
  async replaceServer(): Promise<void> {
    this.server.stop();
    this.server = this.newServer();
    this.server.start();
    await this.broker.settle();
  }

  newServer(): PumpServer {
    return new PumpServer({
      clock: this.clock,
      identity: { kind: 'pump-server', id: 'server-01' },
      bootId: 'boot-s',
      evidence: (entry) => this.evidence.push(entry),
      connect: (handlers) =>
        keepConnected(this.broker.dial, this.clock, seededRandom(6), {
          ...handlers,
          options: () => ({ clientId: 'pump-server:server-01', keepAliveS: 0 }),
        }),
    });
  }

  run(ms: number): Promise<void> {
    return runSettled(this.clock, this.broker, this.clock.now() + ms);
  }

  /** A key that is refused makes a record each time. */
  refuse(times: number): void {
    for (let time = 0; time < times; time += 1) this.pump.bedside('nurse', { action: 'start', channel: 'A' });
  }

  on(topic: string): Heard[] {
    return this.heard.filter((one) => one.topic === `pumps/${this.pump.serial}/${topic}`);
  }

  seen(event: string): EvidenceEntry[] {
    return this.evidence.filter((entry) => entry.event === event);
  }

  /** What the server has, as `stream boot number`. */
  stored(): string[] {
    return this.server.stored().map(label);
  }

  labels(): string[] {
    return this.made.map(label);
  }
}

export function label({ stream, bootId, seq }: Pick<LogRecord, 'stream' | 'bootId' | 'seq'>): string {
  return `${stream} ${bootId} ${seq}`;
}
