import type { Random } from '../../clock/index.ts';
import {
  type DrugLibrary,
  doseFromRate,
  type LibraryEntry,
  type Limits,
  parseDoseUnit,
  rateFromDose,
  volumeOfAmount,
} from '../../protocol/drug-library/index.ts';
import type { PumpModel } from '../models/index.ts';
import {
  deliverableRateMlPerH,
  judgeProgramme,
  judgeRate,
  type LimitQuestion,
  type LoadingDose,
  type PcaSettings,
  type Programme,
  type ProgrammeEntry,
  resolveProgramme,
} from '../pump/index.ts';
import type { Order } from './order-account.ts';

/** An order, and how the bed lives with it. */
export interface BedOrder extends Order {
  /** The order is written by dose: keyed in with the volume, it gives `rateMlPerH`. Absent: by rate. */
  readonly dose?: NonNullable<ProgrammeEntry['dose']>;
  /** What a full bag or syringe of it holds, in mL. */
  readonly containerMl: number;
  /** Whether its rate follows the patient. */
  readonly titrated: boolean;
  /** The largest bolus within all limits, in mL; 0: none. */
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
/** Shares of the orders with a loading dose, or with a second bag, where there can be one. */
const LOADING_SHARE = 0.2;
const SECONDARY_SHARE = 0.2;
/** Clinicians think of drugs in doses. */
const BY_DOSE_SHARE = 0.5;
/** What is given in small bags between other things. */
const INTERMITTENT_DRUGS: readonly string[] = ['pantoprazole', 'potassium chloride peripheral', 'vancomycin'];
/** What patients weigh where the library does not say. */
const ADULT_KG = { least: 45, most: 120 };
/** What a press gives, how long the button then is locked, and for how many presses the window has room. */
const PRESS_ML = { least: 0.5, most: 2 };
const LOCKOUT_MINUTES: readonly number[] = [6, 8, 10, 12, 15];
const WINDOW_HOURS: readonly PcaSettings['accumulatedWindowHours'][] = [1, 2, 4];
const LONGEST_WINDOW_H = 4;
const PRESSES = { least: 3, most: 8 };
/** Concentrates in smaller containers than this are not hung on a large-volume pump. */
const SMALLEST_BAG_ML = 100;

/**
 * An order that a clinician could write for a pump: a drug of the library, at a rate within its limits and the habits of the
 * model, seldom beyond a soft limit. `undefined` if the library has nothing that fits.
 *
 * @param orderId `STAY-NUMBER`: the weight is drawn for the stay, so that every order of it has the same
 */
export function nextOrder(
  model: PumpModel,
  library: DrugLibrary,
  random: Random,
  orderId: string,
): BedOrder | undefined {
  const weightKg = weightIn(library, random.fork(`weight of ${orderId.replace(/-\d+$/, '')}`));
  const entry = entryFor(model, library, weightKg, random);
  if (entry === undefined) return undefined;
  const question = { model, library, drug: entry.drug, weightKg };
  const rate = rateOf(entry, question, random);
  if (rate === undefined) return undefined;
  const containerMl = containerFor(habitOf(model), rate.rateMlPerH, random);
  const syringeMl = model.syringes?.find(({ sizeMl }) => sizeMl === containerMl)?.sizeMl ?? null;
  const wantsSecond = random.next() < SECOND_CONTAINER_SHARE;
  // An opioid is not ordered beyond what hangs.
  const volumeToBeInfusedMl = containerMl * (wantsSecond && model.pca === null ? 2 : 1);
  const written = write(entry, { ...question, syringeMl }, { ...rate, orderId, volumeToBeInfusedMl }, random);
  if (written === undefined) return undefined;
  const secondary = secondaryFor(entry, question, orderId, random);
  return {
    ...written,
    orderId,
    drug: entry.drug,
    volumeToBeInfusedMl,
    reservoirMl: fill(containerMl, random),
    overrideSoftLimit: rate.overrideSoftLimit,
    ...(goesByWeight(entry, library) ? { weightKg } : {}),
    ...(syringeMl === null ? {} : { syringeMl }),
    ...(secondary === undefined ? {} : { secondary }),
    containerMl,
    titrated: model.pca === null && random.next() < TITRATED_SHARE,
    bolusMaxMl: model.pca === null ? largestBolusMl(entry, model, weightKg) : 0,
  };
}

/** A new rate for a running order, seldom beyond a soft limit; `undefined` if the present one is to stay. */
export function titration(
  model: PumpModel,
  library: DrugLibrary | null,
  running: Pick<Order, 'drug' | 'rateMlPerH' | 'weightKg' | 'syringeMl'>,
  random: Random,
): Rate | undefined {
  const { drug, weightKg, syringeMl } = running;
  const rateMlPerH = keyed(model, running.rateMlPerH * random.between(0.75, 1.3));
  const mayOverride = random.next() < OVERRIDE_SHARE;
  if (rateMlPerH === running.rateMlPerH) return undefined;
  const question = { model, library, drug, weightKg: weightKg ?? null, syringeMl: syringeMl ?? null };
  const verdict = judgeRate(question, rateMlPerH);
  if (verdict.within) return { rateMlPerH, overrideSoftLimit: false };
  return verdict.limit === 'soft' && mayOverride ? { rateMlPerH, overrideSoftLimit: true } : undefined;
}

/** A drug that such a pump runs here; mostly a fluid, where it runs fluids. */
function entryFor(
  model: PumpModel,
  library: DrugLibrary,
  weightKg: number,
  random: Random,
): LibraryEntry | undefined {
  const habit = habitOf(model);
  const choices = library.entries
    .filter((entry) => model.pca === null || PATIENT_CONTROLLED_DRUGS.includes(entry.drug))
    .filter((entry) => habit !== SYRINGE || !isFluid(entry))
    .filter((entry) => habit !== LARGE_VOLUME || entry.concentration.volumeMl >= SMALLEST_BAG_ML)
    .filter((entry) => softRange(entry, habit, weightKg) !== undefined);
  const fluids = choices.filter(isFluid);
  const wantsFluid = random.next() < FLUID_SHARE;
  const preferred = wantsFluid && fluids.length > 0 ? fluids : choices;
  return preferred.length === 0 ? undefined : random.pick(preferred);
}

/**
 * Writes the order down: by dose or by rate, with a loading dose or the settings of the button where they go. What the limits
 * do not allow is left away, the most special first.
 */
function write(
  entry: LibraryEntry,
  question: LimitQuestion,
  wanted: Rate & { readonly orderId: string; readonly volumeToBeInfusedMl: number },
  random: Random,
): Pick<BedOrder, 'rateMlPerH' | 'dose' | 'loading' | 'pca'> | undefined {
  const { rateMlPerH, volumeToBeInfusedMl } = wanted;
  const { leastMlPerH, mostMlPerH } = habitOf(question.model);
  const loading = loadingFor(entry, question, volumeToBeInfusedMl, random);
  const pca = pcaFor(entry, question.model, rateMlPerH, random);
  const dose = wanted.overrideSoftLimit ? undefined : doseFor(entry, question, rateMlPerH, random);
  const extras = { ...(loading === undefined ? {} : { loading }), ...(pca === undefined ? {} : { pca }) };
  const ways: readonly Pick<BedOrder, 'dose' | 'loading' | 'pca'>[] = [
    ...(dose === undefined ? [] : [{ ...extras, dose }, { dose }]),
    extras,
    {},
  ];
  for (const way of ways) {
    const programme = programmeOf(question, { ...wanted, ...way });
    if (programme === undefined) continue;
    const verdict = judgeProgramme(question, programme);
    const passes = verdict.within || (verdict.limit === 'soft' && wanted.overrideSoftLimit);
    // Two digits of a dose may lead out of the habit; a rate was drawn within it.
    const isUsual =
      way.dose === undefined || (programme.rateMlPerH >= leastMlPerH && programme.rateMlPerH <= mostMlPerH);
    if (passes && isUsual) return { rateMlPerH: programme.rateMlPerH, ...way };
  }
  return undefined;
}

/** What the pump will make of it. */
function programmeOf(
  question: LimitQuestion,
  { orderId, volumeToBeInfusedMl, rateMlPerH, dose, ...way }: Omit<Order, 'drug'> & Pick<BedOrder, 'dose'>,
): Programme | undefined {
  const { drug, weightKg } = question;
  const resolved = resolveProgramme(question, {
    orderId,
    drug,
    ...(typeof weightKg === 'number' ? { weightKg } : {}),
    ...(dose === undefined ? { rateMlPerH } : { dose }),
    volumeToBeInfusedMl,
    ...(way.loading === undefined ? {} : { loading: way.loading }),
    ...(way.pca === undefined ? {} : { pca: way.pca }),
  });
  return resolved.ok ? resolved.programme : undefined;
}

/** The dose that is about this rate, as somebody would write it: two digits. */
function doseFor(
  entry: LibraryEntry,
  { model, weightKg }: LimitQuestion,
  rateMlPerH: number,
  random: Random,
): BedOrder['dose'] {
  const byDose = random.next() < BY_DOSE_SHARE;
  if (!byDose || isFluid(entry) || model.pca !== null) return undefined;
  const value = doseFromRate(rateMlPerH, entry.concentration, entry.doseUnit, weightKg ?? null);
  return value === undefined ? undefined : { value: Number(value.toPrecision(2)), unit: entry.doseUnit };
}

function loadingFor(
  { loadingMaxMl }: LibraryEntry,
  { model, library }: LimitQuestion,
  volumeToBeInfusedMl: number,
  random: Random,
): LoadingDose | undefined {
  const wanted = random.next() < LOADING_SHARE;
  const share = random.between(0.3, 1);
  if (!wanted || loadingMaxMl === undefined || model.bolus === null || model.pca !== null) return undefined;
  const volumeMl = Math.floor(Math.min(loadingMaxMl, volumeToBeInfusedMl / 2) * share * 10) / 10;
  const rateMlPerH = Math.min(model.bolus.rateMlPerH, library?.maximumRateMlPerH ?? Number.POSITIVE_INFINITY);
  return volumeMl > 0 ? { volumeMl, rateMlPerH } : undefined;
}

/** The settings of the button: within the drug's soft limits, with room for some presses beside what runs continuously. */
function pcaFor(
  { concentration, pca: limits }: LibraryEntry,
  model: PumpModel,
  rateMlPerH: number,
  random: Random,
): PcaSettings | undefined {
  if (model.pca === null) return undefined;
  const inMl = (amount: number | undefined, otherwiseMl: number): number =>
    (amount === undefined || limits === undefined
      ? undefined
      : volumeOfAmount(amount, concentration, limits.amountUnit, null)) ?? otherwiseMl;
  const leastMl = Math.max(PRESS_ML.least, inMl(limits?.demand?.softMin, 0));
  const mostMl = Math.min(PRESS_ML.most, inMl(limits?.demand?.softMax, PRESS_ML.most));
  const demandDoseMl = Math.round(random.between(leastMl, Math.max(leastMl, mostMl)) * 10) / 10;
  const accumulatedWindowHours = random.pick(WINDOW_HOURS);
  const presses = random.int(PRESSES.least, PRESSES.most);
  // Of a limit that the library means for a longer window, a shorter one has its share.
  const share = Math.min(1, accumulatedWindowHours / (limits?.accumulatedWindowHours ?? LONGEST_WINDOW_H));
  const mostInWindowMl = inMl(limits?.accumulated?.softMax, Number.POSITIVE_INFINITY) * share;
  const wantedMl = Math.ceil((rateMlPerH * accumulatedWindowHours + demandDoseMl * presses) * 10) / 10;
  return {
    demandDoseMl,
    lockoutMinutes: random.pick(LOCKOUT_MINUTES),
    accumulatedLimitMl: Math.min(wantedMl, mostInWindowMl),
    accumulatedWindowHours,
  };
}

/** A small bag of another drug beside a fluid. */
function secondaryFor(
  primary: LibraryEntry,
  question: LimitQuestion & { readonly library: DrugLibrary; readonly weightKg: number },
  orderId: string,
  random: Random,
): Order['secondary'] {
  const wanted = random.next() < SECONDARY_SHARE;
  if (!wanted || !question.model.secondary || !isFluid(primary)) return undefined;
  const choices = question.library.entries
    .filter(({ drug }) => INTERMITTENT_DRUGS.includes(drug))
    .filter((entry) => softRange(entry, LARGE_VOLUME, question.weightKg) !== undefined);
  if (choices.length === 0) return undefined;
  const entry = random.pick(choices);
  const asked = { ...question, drug: entry.drug };
  const rate = rateOf(entry, asked, random);
  if (rate === undefined || rate.overrideSoftLimit) return undefined;
  const { rateMlPerH } = rate;
  const volumeToBeInfusedMl = entry.concentration.volumeMl;
  const order = { orderId: `${orderId}-secondary`, drug: entry.drug, rateMlPerH, volumeToBeInfusedMl };
  const programme = programmeOf(asked, order);
  if (programme === undefined || !judgeProgramme(asked, programme).within) return undefined;
  return {
    ...order,
    reservoirMl: fill(volumeToBeInfusedMl, random),
    ...(goesByWeight(entry, question.library) ? { weightKg: question.weightKg } : {}),
  };
}

/** In mL; a bolus has nobody who could pass a soft limit. */
function largestBolusMl(entry: LibraryEntry, model: PumpModel, weightKg: number): number {
  const { bolusMaxMl, bolusLimits, concentration } = entry;
  if (model.bolus === null || (bolusMaxMl === undefined && bolusLimits === undefined)) return 0;
  const most = bolusLimits?.limits.softMax ?? bolusLimits?.limits.hardMax;
  const byAmountMl =
    most === undefined || bolusLimits === undefined
      ? undefined
      : volumeOfAmount(most, concentration, bolusLimits.unit, weightKg);
  const largestMl = Math.min(
    model.bolus.maxMl,
    bolusMaxMl ?? Number.POSITIVE_INFINITY,
    byAmountMl ?? Number.POSITIVE_INFINITY,
  );
  return Math.floor(largestMl * 10) / 10;
}

/** Synthetic. Light patients are as common as heavy ones within what the care area expects. */
function weightIn({ weightLimitsKg }: DrugLibrary, random: Random): number {
  const least = weightLimitsKg?.softMin ?? weightLimitsKg?.hardMin ?? ADULT_KG.least;
  const most = weightLimitsKg?.softMax ?? weightLimitsKg?.hardMax ?? Math.max(least, ADULT_KG.most);
  // Rounded inwards, so that it stays within.
  return Math.min(most, Math.ceil(least * (most / least) ** random.next() * 10) / 10);
}

function goesByWeight(entry: LibraryEntry, library: DrugLibrary): boolean {
  return library.weightLimitsKg !== undefined || parseDoseUnit(entry.doseUnit)?.perKg === true;
}

/** A container holds a little more than its name says: rounded up, or a small one would run dry just as its order ends. */
function fill(containerMl: number, random: Random): number {
  return Math.ceil(containerMl * random.between(1.01, 1.04) * 10) / 10;
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
  return parseDoseUnit(entry.doseUnit)?.amountUnit === 'mL';
}

function rateOf(
  entry: LibraryEntry,
  question: LimitQuestion & { readonly weightKg: number },
  random: Random,
): Rate | undefined {
  const { model } = question;
  const range = softRange(entry, habitOf(model), question.weightKg);
  if (range === undefined) return undefined;
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

/** The rates within both habit and soft limits. */
function softRange(
  entry: LibraryEntry,
  habit: Habit,
  weightKg: number,
): { readonly least: number; readonly most: number } | undefined {
  const inRate = (dose: number | undefined): number | undefined =>
    dose === undefined ? undefined : rateFromDose(dose, entry.concentration, entry.doseUnit, weightKg);
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
