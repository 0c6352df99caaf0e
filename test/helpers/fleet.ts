import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeapClock, seededRandom } from '../../clock/index.ts';
import { type DrugLibrary, parseLibrary } from '../../protocol/drug-library/index.ts';
import { Composer, type Intent, parseSerial, pumpTopic, urnOf } from '../../protocol/index.ts';
import { loadPersonalities } from '../../simulator/firmware/index.ts';
import { loadModels } from '../../simulator/models/index.ts';
import { Pump } from '../../simulator/pump/index.ts';
import { PumpShell } from '../../simulator/shell/index.ts';
import { MemoryBroker } from '../../simulator/transport/index.ts';
import { Caregiver, startShift } from '../../simulator/ward/index.ts';

const FOLDER = join(import.meta.dirname, '../../simulator');
const MODELS = [...loadModels(join(FOLDER, 'models')).values()];
const PERSONALITIES = loadPersonalities(join(FOLDER, 'firmware/personalities'));
const CARE_AREAS = ['adult-icu', 'adult-ward', 'paediatrics'];
const LIBRARIES = CARE_AREAS.map(libraryOf);

function libraryOf(name: string): DrugLibrary {
  const path = join(FOLDER, 'drug-library/samples', `${name}.json`);
  return parseLibrary(readFileSync(path), path);
}

export interface Fleet {
  readonly clock: HeapClock;
  readonly broker: MemoryBroker;
  readonly members: readonly { readonly pump: Pump; readonly shell: PumpShell }[];
  readonly intents: Intent[];
  /** Lets everybody connect, and the shift begin. */
  start(): Promise<void>;
  /** Moves simulated time on; what waits for a promise takes its turn after each instant. */
  run(forMs: number): Promise<void>;
  stop(): void;
}

export interface FleetOptions {
  readonly count: number;
  readonly seed: number;
  readonly telemetryEveryMs?: number;
}

/**
 * Pumps of all models and a ward that works on them, on the broker in memory, with somebody who confirms their logs as a server would.
 * What happens to a pump depends on the seed and its serial, and on no other pump.
 */
export function buildFleet({ count, seed, telemetryEveryMs = 10_000 }: FleetOptions): Fleet {
  const clock = new HeapClock(Date.parse('2026-03-02T06:00:00Z'));
  const broker = new MemoryBroker();
  const random = seededRandom(seed);
  const intents: Intent[] = [];
  const members = Array.from({ length: count }, (_, index) => {
    const pump = makePump(clock, seed, index);
    const shell = new PumpShell({
      pump,
      clock,
      random: random.fork(`${pump.serial}/shell`),
      dial: broker.dial,
      judge: () => {
        throw new Error('nobody shows a certificate here');
      },
      controls: new Set(),
      evidence: () => undefined,
      telemetryEveryMs,
    });
    return { pump, shell };
  });
  let shift: { stop(): void } | undefined;
  return {
    clock,
    broker,
    members,
    intents,
    async start() {
      await confirmLogs(broker, clock);
      for (const { shell } of members) shell.start();
      await broker.settle();
      const caregiver = new Caregiver({
        clock,
        intents: (intent) => intents.push(intent),
        libraries: LIBRARIES,
        role: 'nurse',
      });
      const pumps = members.map(({ pump }) => pump);
      shift = startShift({ clock, random: random.fork('shift'), pumps, caregiver });
    },
    async run(forMs) {
      const untilMs = clock.now() + forMs;
      await broker.settle();
      for (
        let dueMs = clock.nextDueMs();
        dueMs !== undefined && dueMs <= untilMs;
        dueMs = clock.nextDueMs()
      ) {
        clock.fireInstant();
        if (!broker.isQuiet) await broker.settle();
      }
      clock.moveTo(untilMs);
    },
    stop() {
      shift?.stop();
      for (const { pump, shell } of members) {
        shell.stop();
        pump.dispose();
      }
    },
  };
}

/** The pump of a number; the models and care areas take turns. */
export function makePump(clock: HeapClock, seed: number, index: number): Pump {
  const model = MODELS[index % MODELS.length];
  const number = Math.floor(index / MODELS.length) + 1;
  const areaIndex = Math.floor(index / MODELS.length) % CARE_AREAS.length;
  const serial = parseSerial(`${model?.serialPrefix}-${String(number).padStart(6, '0')}`);
  const firmware = PERSONALITIES.find((one) => one.model === model?.id && one.version === '1.0.0');
  if (model === undefined || serial === undefined || firmware === undefined) throw new Error('no such pump');
  return new Pump({
    serial,
    model,
    careArea: CARE_AREAS[areaIndex] ?? '',
    clock,
    random: seededRandom(seed).fork(`${serial}/pump`),
    library: LIBRARIES[areaIndex] ?? null,
    firmware,
  });
}

/** A log arrives in order here, so each number confirms all before it. */
async function confirmLogs(broker: MemoryBroker, clock: HeapClock): Promise<void> {
  const composer = new Composer({ kind: 'pump-server', id: 'server-01' }, 'boot-s', () => clock.now());
  const link = await broker.dial(
    { clientId: 'pump-server:server-01', keepAliveS: 0 },
    {
      message: (topic, payload) => {
        const serial = parseSerial(topic.split('/')[1] ?? '');
        if (serial === undefined) return;
        const upToSeq: number = JSON.parse(payload.toString()).seq;
        const to = urnOf({ kind: 'pump', id: serial });
        const receipt = JSON.stringify(composer.compose('receipt', { upToSeq }, { to }));
        void link.publish(pumpTopic(serial, 'receipt'), receipt, { qos: 0 });
      },
      closed: () => undefined,
    },
  );
  await Promise.all([link.subscribe('pumps/+/alarm', 1), link.subscribe('pumps/+/event', 1)]);
}
