import { HeapClock, type Random, seededRandom } from '../../../clock/index.ts';
import { type Intent, parseSerial } from '../../../protocol/index.ts';
import { type BedsideResult, type Fact, Pump, type PumpOptions } from '../../../simulator/pump/index.ts';
import { Caregiver, type Order, startShift } from '../../../simulator/ward/index.ts';
import { firmwareOf, HOUR_MS, modelOf, sampleLibrary } from '../pump/rig.ts';

const MODELS = ['lvp', 'syringe', 'pca'];
const CARE_AREAS = ['adult-icu', 'adult-ward', 'paediatrics'];

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

/** A ward after so many hours of a shift. */
export class WardRig {
  readonly clock = new HeapClock(0);
  readonly intents: Intent[] = [];
  readonly placed: readonly Placed[];
  readonly shift: { stop(): void };
  /** Serials of pumps whose line was clamped: the pump itself does not know. */
  readonly disturbed = new Set<string>();

  constructor(
    seed: number,
    hours: number,
    count = 12,
    options: Partial<PumpOptions> = {},
    order: 'as-made' | 'last-first' = 'as-made',
  ) {
    const random = seededRandom(seed);
    const placed = placePumps(this.clock, random, count, options);
    this.placed = order === 'as-made' ? placed : placed.reverse();
    for (const { pump } of placed) {
      const physical = pump.physical.bind(pump);
      pump.physical = (event) => {
        if (event.event === 'line-clamped') this.disturbed.add(pump.serial);
        physical(event);
      };
    }
    this.shift = startShift({
      clock: this.clock,
      random: random.fork('shift'),
      pumps: this.placed.map(({ pump }) => pump),
      caregiver: new Caregiver({
        clock: this.clock,
        intents: (intent) => this.intents.push(intent),
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
  readonly caregiver = new Caregiver({
    clock: this.clock,
    intents: (intent) => this.intents.push(intent),
    role: 'nurse',
  });
  readonly placed: Placed;
  readonly pump: Pump;

  constructor(index: number, options: Partial<PumpOptions> = {}) {
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
