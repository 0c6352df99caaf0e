import { readFileSync } from 'node:fs';
import { HeapClock, seededRandom } from '../../../clock/index.ts';
import { type DrugLibrary, parseLibrary } from '../../../protocol/drug-library/index.ts';
import type { FirmwarePersonality } from '../../../protocol/firmware/index.ts';
import { type AlarmPriority, parseSerial } from '../../../protocol/index.ts';
import { loadPersonalities } from '../../../simulator/firmware/index.ts';
import { loadModels, type PumpModel } from '../../../simulator/models/index.ts';
import {
  type BedsideAction,
  type BedsideResult,
  type Fact,
  type ProgrammeEntry,
  Pump,
  type PumpOptions,
} from '../../../simulator/pump/index.ts';

const FOLDER = 'simulator';
const MODELS = loadModels(`${FOLDER}/models`);
const PERSONALITIES = loadPersonalities(`${FOLDER}/firmware/personalities`);

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** A model without any error of flow: its figures are the programme's. */
export function modelOf(id: string): PumpModel {
  return { ...MODELS.get(id)!, accuracy: { biasShare: 0, periodicShare: 0, turnMl: 1, slackMl: 0 } };
}

/** The model as it is shipped, with its errors. */
export function shippedModel(id: string): PumpModel {
  return MODELS.get(id)!;
}

export function firmwareOf(model: string, version: string): FirmwarePersonality {
  return PERSONALITIES.find((each) => each.model === model && each.version === version)!;
}

export function sampleLibrary(name = 'adult-icu'): DrugLibrary {
  const path = `${FOLDER}/drug-library/samples/${name}.json`;
  return parseLibrary(readFileSync(path), path);
}

export const NOREPINEPHRINE: ProgrammeEntry = {
  orderId: 'order-1',
  drug: 'norepinephrine',
  rateMlPerH: 12,
  volumeToBeInfusedMl: 50,
};

/** A pump on a bench, with a clock that the test moves. */
export class Rig {
  readonly clock = new HeapClock(0);
  readonly pump: Pump;
  readonly facts: Fact[] = [];

  constructor(options: Partial<PumpOptions> & { readonly seed?: number } = {}) {
    const model = options.model ?? modelOf('lvp');
    this.pump = new Pump({
      serial: parseSerial(`${model.serialPrefix}-000001`)!,
      model,
      careArea: 'adult-icu',
      clock: this.clock,
      random: seededRandom(options.seed ?? 7),
      library: sampleLibrary(),
      firmware: firmwareOf(model.id, '1.0.0'),
      ...options,
    });
    this.pump.onFact((fact) => this.facts.push(fact));
  }

  nurse(action: BedsideAction): BedsideResult {
    return this.pump.bedside('nurse', action);
  }

  run(ms: number): this {
    this.clock.runTo(this.clock.now() + ms);
    return this;
  }

  on(newPatient = true): this {
    this.nurse({ action: 'power-on', newPatient });
    return this.run(70_000);
  }

  infuse(programme: Partial<ProgrammeEntry> = {}, channel = 'A'): this {
    const results = [
      this.nurse({ action: 'programme', channel, programme: { ...NOREPINEPHRINE, ...programme } }),
      this.nurse({ action: 'confirm', channel, overrideSoftLimit: true }),
      this.nurse({ action: 'start', channel }),
    ];
    const refused = results.find((result) => !result.accepted);
    if (refused !== undefined) throw new Error(JSON.stringify(refused));
    return this;
  }

  channel(id = 'A') {
    return this.pump.reading().channels.find(({ channel }) => channel === id)!;
  }

  alarms(): string[] {
    return this.pump.reading().alarms.map(({ alarm }) => alarm);
  }

  /** The names of the events, and of the alarms with their change, in order. */
  story(): string[] {
    return this.facts.map((fact) => (fact.fact === 'event' ? fact.event : `${fact.alarm} ${fact.change}`));
  }

  lastEvent(event: string) {
    const found = this.facts.filter((fact) => fact.fact === 'event' && fact.event === event).at(-1);
    return found?.fact === 'event' ? found : undefined;
  }

  raised(alarm: string): { atMs: number; priority: AlarmPriority } | undefined {
    const found = this.facts.find(
      (fact) => fact.fact === 'alarm' && fact.alarm === alarm && fact.change === 'raised',
    );
    return found?.fact === 'alarm' ? found : undefined;
  }
}
