import { HeapClock, type Random, seededRandom } from '../../../clock/index.ts';
import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import { type Intent, parseSerial } from '../../../protocol/index.ts';
import { compareFlows, volumeMl } from '../../../scenarios/engine/flow.ts';
import { deliveredFlow, orderedFlow } from '../../../scenarios/index.ts';
import {
  type BedsideResult,
  type Fact,
  type PhysicalEvent,
  Pump,
  type PumpOptions,
} from '../../../simulator/pump/index.ts';
import { Caregiver, type Order, startShift } from '../../../simulator/ward/index.ts';
import { firmwareOf, HOUR_MS, modelOf, sampleLibrary } from '../pump/rig.ts';

const MODELS = ['lvp', 'syringe', 'pca'];
const CARE_AREAS = ['adult-icu', 'adult-ward', 'paediatrics'];
/** As the pharmacy released them. */
export const WARD_LIBRARIES = CARE_AREAS.map((careArea) => sampleLibrary(careArea));

/** A pump of a ward with all that it told. */
export interface Placed {
  readonly pump: Pump;
  readonly facts: Fact[];
}

/** Twelve pumps unless told: four of each model, care areas in turn. */
export function placePumps(
  clock: HeapClock,
  random: Random,
  count = 12,
  options: Partial<PumpOptions> = {},
): Placed[] {
  return Array.from({ length: count }, (_, index) => {
    const model = modelOf(MODELS[index % MODELS.length]!);
    const number = String(Math.floor(index / MODELS.length) + 1).padStart(4, '0');
    const serial = parseSerial(`${model.serialPrefix}-${number}`)!;
    const careArea = CARE_AREAS[Math.floor(index / MODELS.length) % CARE_AREAS.length]!;
    const pump = new Pump({
      serial,
      model,
      careArea,
      clock,
      random: random.fork(`${serial}/pump`),
      library: sampleLibrary(careArea),
      firmware: firmwareOf(model.id, '1.0.0'),
      ...options,
    });
    const facts: Fact[] = [];
    pump.onFact((fact) => facts.push(fact));
    return { pump, facts };
  });
}

/** Delivered against ordered without any tolerance: exact pumps and a ledger that agrees with them are off by nothing. */
export function exactHarm(pumps: readonly Pump[], intents: readonly Intent[], untilMs: number) {
  return pumps.flatMap((pump) =>
    pump.model.channels.map((channel) => {
      const delivered = deliveredFlow(pump.flow(), channel);
      const ordered = orderedFlow(intents, pump.serial, channel);
      const { aheadMl, behindMl } = compareFlows(delivered, ordered, 0, untilMs);
      return {
        serial: pump.serial,
        channel,
        deliveredMl: volumeMl(delivered, 0, untilMs),
        intendedMl: volumeMl(ordered, 0, untilMs),
        overMl: aheadMl,
        underMl: behindMl,
      };
    }),
  );
}

/** What goes wrong by itself, as against what hands do on purpose. */
const MISHAPS: ReadonlySet<PhysicalEvent['event']> = new Set([
  'line-clamped',
  'supply-clamped',
  'air-entered',
  'door-opened',
  'set-misloaded',
  'barrel-unclamped',
  'plunger-disengaged',
  'channel-detached',
  'sensor-failed',
  'key-stuck',
  'controller-hung',
  'battery-failed',
  'mains-lost',
]);

/** Some events begin a fault with one value and end it with another. */
function isMishap(event: PhysicalEvent): boolean {
  switch (event.event) {
    case 'air-leaking':
      return event.microLPerMl > 0;
    case 'motor-slipping':
      return event.share !== 1;
    case 'temperature-changed':
      return event.celsius > 40;
    default:
      return MISHAPS.has(event.event);
  }
}

/** A ward after so many hours of a shift. */
export class WardRig {
  readonly clock = new HeapClock(0);
  readonly intents: Intent[] = [];
  readonly placed: readonly Placed[];
  readonly shift: { stop(): void };
  /** Serials of pumps to which something happened that they may not know of, such as a clamped line. */
  readonly disturbed = new Set<string>();

  constructor(
    seed: number,
    hours: number,
    count = 12,
    options: Partial<PumpOptions> = {},
    order: 'as-made' | 'last-first' = 'as-made',
    mishaps: 'as-drawn' | 'kept-away' = 'as-drawn',
  ) {
    const random = seededRandom(seed);
    const placed = placePumps(this.clock, random, count, options);
    this.placed = order === 'as-made' ? placed : placed.reverse();
    for (const { pump } of placed) {
      const physical = pump.physical.bind(pump);
      pump.physical = (event) => {
        if (isMishap(event)) {
          if (mishaps === 'kept-away') return { taken: false, reason: 'kept away' };
          if (event.event !== 'mains-lost') this.disturbed.add(pump.serial);
        }
        return physical(event);
      };
    }
    this.shift = startShift({
      clock: this.clock,
      random: random.fork('shift'),
      pumps: this.placed.map(({ pump }) => pump),
      caregiver: new Caregiver({
        clock: this.clock,
        intents: (intent) => this.intents.push(intent),
        libraries: WARD_LIBRARIES,
        role: 'nurse',
      }),
    });
    this.clock.runTo(hours * HOUR_MS);
  }

  get facts(): readonly Fact[] {
    return this.placed.flatMap(({ facts }) => facts);
  }

  intentsOf(pump: Pump): Intent[] {
    return this.intents.filter(({ serial }) => serial === pump.serial);
  }
}

/** One pump that is on, and a nurse who writes into a ledger. */
export class BedsideRig {
  readonly clock = new HeapClock(0);
  readonly intents: Intent[] = [];
  readonly caregiver: Caregiver;
  readonly placed: Placed;
  readonly pump: Pump;

  /** @param libraries as the pharmacy released them; unless told, the one that the pump comes with */
  constructor(index: number, options: Partial<PumpOptions> = {}, libraries?: readonly DrugLibrary[]) {
    this.caregiver = new Caregiver({
      clock: this.clock,
      intents: (intent) => this.intents.push(intent),
      libraries: libraries ?? (options.library == null ? WARD_LIBRARIES : [options.library]),
      role: 'nurse',
    });
    this.placed = placePumps(this.clock, seededRandom(3), index + 1, options)[index]!;
    this.pump = this.placed.pump;
  }

  on(): this {
    this.caregiver.switchOn(this.pump, true);
    return this.run(70_000);
  }

  run(ms: number): this {
    this.clock.runTo(this.clock.now() + ms);
    return this;
  }

  start(order: Partial<Order> = {}): BedsideResult {
    return this.caregiver.programmeAndStart(this.pump, 'A', { ...ORDER, ...order });
  }

  /** The last `count` intents without what names their place. */
  last(count = 1) {
    return this.intents.slice(-count).map(({ serial: _, channel: __, ...rest }) => rest);
  }
}

/** Fits the large-volume pump of the adult ICU. */
export const ORDER: Order = {
  orderId: 'order-1',
  drug: 'sodium chloride 0.9%',
  rateMlPerH: 60,
  volumeToBeInfusedMl: 100,
};

/** Fits the PCA pump of the adult ICU. */
export const PCA_ORDER: Order = {
  orderId: 'order-2',
  drug: 'morphine',
  rateMlPerH: 1,
  volumeToBeInfusedMl: 50,
};
