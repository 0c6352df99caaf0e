import type { Random } from '../../clock/index.ts';
import { type DrugLibrary, type LibraryEntry, type Limits, rateFromDose } from '../drug-library/index.ts';
import type { PumpModel } from '../models/index.ts';
import { deliverableRateMlPerH, judgeRate } from '../pump/index.ts';
import type { Order } from './order-account.ts';

/** An order, and how the bed lives with it. */
export interface BedOrder extends Order {
  /** What a full bag or syringe of it holds, in mL. */
  readonly containerMl: number;
  /** Whether its rate follows the patient. */
  readonly titrated: boolean;
  /** The largest bolus that the library allows of it, in mL; 0: none. */
  readonly bolusMaxMl: number;
}

/** A rate to key in, and whether it passes a soft limit on purpose. */
interface Rate {
  readonly rateMlPerH: number;
  readonly overrideSoftLimit: boolean;
}

/** How a kind of pump is used; synthetic. Rates in mL/h, containers in mL. */
interface Habit {
  readonly leastMlPerH: number;
  readonly mostMlPerH: number;
  readonly containersMl: readonly number[];
}

const LARGE_VOLUME: Habit = {
  leastMlPerH: 20,
  mostMlPerH: 250,
  containersMl: [100, 250, 250, 500, 500, 1_000],
};
const SYRINGE: Habit = { leastMlPerH: 0.5, mostMlPerH: 20, containersMl: [20, 50, 50] };
const PATIENT_CONTROLLED: Habit = { leastMlPerH: 0.2, mostMlPerH: 1.5, containersMl: [50, 100] };

/** A container up to this size is a syringe. */
const LARGEST_SYRINGE_ML = 60;
/** What a patient is given to press for. */
const PATIENT_CONTROLLED_DRUGS: readonly string[] = ['morphine', 'hydromorphone', 'fentanyl'];

/** A large-volume pump mostly runs fluids. */
const FLUID_SHARE = 0.6;
/** Now and then a clinician wants more than the soft limit; asked only where that limit is what binds. */
const OVERRIDE_SHARE = 0.1;
/** Some orders outlast their container: it is changed on the way. */
const SECOND_CONTAINER_SHARE = 0.35;
const TITRATED_SHARE = 0.6;
/** A drug other than a fluid starts in the lower part of its range, up to so many times the least. */
const STARTING_SPAN = 8;
/** How long a container should last, in hours: nobody hangs one for a few minutes, or for days. */
const LASTS_HOURS = { least: 0.75, most: 6 };
/** Concentrates in smaller containers than this are not hung on a large-volume pump. */
const SMALLEST_BAG_ML = 100;

/**
 * An order that a clinician could write for a pump: a drug of the library, at a rate within its limits and the habits of the
 * model, seldom beyond a soft limit. `undefined` if the library has nothing that fits.
 */
export function nextOrder(
  model: PumpModel,
  library: DrugLibrary,
  random: Random,
  orderId: string,
): BedOrder | undefined {
  const habit = habitOf(model);
  const choices = library.entries
    .filter((entry) => model.pca === null || PATIENT_CONTROLLED_DRUGS.includes(entry.drug))
    .filter((entry) => habit !== SYRINGE || !isFluid(entry))
    .filter((entry) => habit !== LARGE_VOLUME || entry.concentration.volumeMl >= SMALLEST_BAG_ML)
    .filter((entry) => softRange(entry, habit) !== undefined);
  const fluids = choices.filter(isFluid);
  const wantsFluid = random.next() < FLUID_SHARE;
  const preferred = wantsFluid && fluids.length > 0 ? fluids : choices;
  if (preferred.length === 0) return undefined;
  const entry = random.pick(preferred);
  const rate = rateOf(entry, model, library, random);
  if (rate === undefined) return undefined;
  const { rateMlPerH, overrideSoftLimit } = rate;
  const containerMl = containerFor(habit, rateMlPerH, random);
  const volumeToBeInfusedMl = containerMl * (random.next() < SECOND_CONTAINER_SHARE ? 2 : 1);
  return {
    orderId,
    drug: entry.drug,
    rateMlPerH,
    volumeToBeInfusedMl,
    // A container holds a little more than its name says.
    reservoirMl: Math.round(containerMl * random.between(1.01, 1.04)),
    overrideSoftLimit,
    containerMl,
    titrated: model.pca === null && random.next() < TITRATED_SHARE,
    bolusMaxMl: model.pca === null ? Math.min(entry.bolusMaxMl ?? 0, model.bolus?.maxMl ?? 0) : 0,
  };
}

/** A new rate for a running order, seldom beyond a soft limit; `undefined` if the present one is to stay. */
export function titration(
  model: PumpModel,
  library: DrugLibrary | null,
  running: { readonly drug: string; readonly rateMlPerH: number },
  random: Random,
): Rate | undefined {
  const rateMlPerH = keyed(model, running.rateMlPerH * random.between(0.75, 1.3));
  const mayOverride = random.next() < OVERRIDE_SHARE;
  if (rateMlPerH === running.rateMlPerH) return undefined;
  const verdict = judgeRate({ model, library, drug: running.drug }, rateMlPerH);
  if (verdict.within) return { rateMlPerH, overrideSoftLimit: false };
  return verdict.limit === 'soft' && mayOverride ? { rateMlPerH, overrideSoftLimit: true } : undefined;
}

function habitOf(model: PumpModel): Habit {
  if (model.pca !== null) return PATIENT_CONTROLLED;
  return model.reservoirMl <= LARGEST_SYRINGE_ML ? SYRINGE : LARGE_VOLUME;
}

/** Drawn from those that last a suitable time; where none does, the smallest that lasts long enough, or the largest. */
function containerFor(habit: Habit, rateMlPerH: number, random: Random): number {
  const longEnough = habit.containersMl.filter((ml) => ml >= rateMlPerH * LASTS_HOURS.least);
  const suitable = longEnough.filter((ml) => ml <= rateMlPerH * LASTS_HOURS.most);
  if (suitable.length > 0) return random.pick(suitable);
  return longEnough.length > 0 ? Math.min(...longEnough) : Math.max(...habit.containersMl);
}

/** A fluid is ordered by volume; its entry has a dose unit of volume. */
function isFluid(entry: LibraryEntry): boolean {
  return entry.doseUnit === 'mL/h';
}

function rateOf(
  entry: LibraryEntry,
  model: PumpModel,
  library: DrugLibrary,
  random: Random,
): Rate | undefined {
  const range = softRange(entry, habitOf(model));
  if (range === undefined) return undefined;
  const question = { model, library, drug: entry.drug };
  if (random.next() < OVERRIDE_SHARE) {
    const rateMlPerH = keyed(model, range.most * random.between(1.05, 1.3));
    const verdict = judgeRate(question, rateMlPerH);
    if (!verdict.within && verdict.limit === 'soft') return { rateMlPerH, overrideSoftLimit: true };
  }
  const most = isFluid(entry) ? range.most : Math.min(range.most, range.least * STARTING_SPAN);
  // Low rates are as common as high ones, so it is drawn on a logarithmic scale.
  const drawn = keyed(model, range.least * (most / range.least) ** random.next());
  // Rounding, or the maximum of the care area, can lead beyond a limit; then the least rate is tried.
  const fitting = [drawn, keyed(model, range.least)].find((rate) => judgeRate(question, rate).within);
  return fitting === undefined ? undefined : { rateMlPerH: fitting, overrideSoftLimit: false };
}

/** The rates within both habit and soft limits. Limits per kilogram without a weight say nothing, as on the pump. */
function softRange(
  entry: LibraryEntry,
  habit: Habit,
): { readonly least: number; readonly most: number } | undefined {
  const inRate = (dose: number | undefined): number | undefined =>
    dose === undefined ? undefined : rateFromDose(dose, entry.concentration, entry.doseUnit, null);
  const leastOf = ({ hardMin, softMin }: Limits): number | undefined => softMin ?? hardMin;
  const mostOf = ({ softMax, hardMax }: Limits): number | undefined => softMax ?? hardMax;
  const { limits = {}, rateLimitsMlPerH = {} } = entry;
  const least = Math.max(habit.leastMlPerH, leastOf(rateLimitsMlPerH) ?? 0, inRate(leastOf(limits)) ?? 0);
  const most = Math.min(
    habit.mostMlPerH,
    mostOf(rateLimitsMlPerH) ?? Number.POSITIVE_INFINITY,
    inRate(mostOf(limits)) ?? Number.POSITIVE_INFINITY,
  );
  return least <= most ? { least, most } : undefined;
}

/** A rate as somebody would key it in: whole numbers where it is high, tenths below. */
function keyed(model: PumpModel, rateMlPerH: number): number {
  const rounded = rateMlPerH >= 20 ? Math.round(rateMlPerH) : Math.round(rateMlPerH * 10) / 10;
  return deliverableRateMlPerH(model, rounded);
}
