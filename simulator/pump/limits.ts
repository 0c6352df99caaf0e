import {
  amountInVolume,
  type Concentration,
  concentrationsOf,
  concentrationText,
  type DrugLibrary,
  doseFromRate,
  entryOf,
  isSameStrength,
  type LibraryEntry,
  type Limits,
} from '../../protocol/drug-library/index.ts';
import type { PumpModel } from '../models/index.ts';
import { against, hard, type LimitVerdict, SLACK, WITHIN, worst } from './limit-verdict.ts';
import { judgeContinuous, type PcaDose } from './pca-limits.ts';
import type { LoadingDose, Programme } from './programme.ts';

/** What is asked of the limits. */
export interface LimitQuestion {
  readonly model: PumpModel;
  /** `null`: the library is not in use, and only the model's ranges hold. */
  readonly library: DrugLibrary | null;
  /** `null` runs outside the library. */
  readonly drug: string | null;
  /** Absent or `null`: the usual one of the library's entry. */
  readonly concentration?: Concentration | null;
  /** Absent or `null`: limits per kilogram say nothing. */
  readonly weightKg?: number | null;
  /** The size that the barrel sensor sees; absent or `null`: none seen, or the model takes no syringe. */
  readonly syringeMl?: number | null;
  /** A counterfactual: what is beyond a limit is let pass. */
  readonly noLimits?: boolean;
}

/** Of the windows of a PCA pump; a limit that names none is meant for this one. */
const LONGEST_WINDOW_H = 4;

/** The rate that the pump really delivers for a wanted one: a whole number of the model's steps. */
export function deliverableRateMlPerH(model: PumpModel, rateMlPerH: number): number {
  const stepsPerMl = Math.round(1 / model.rateMlPerH.step);
  return Math.round(rateMlPerH * stepsPerMl) / stepsPerMl;
}

/** The highest rate of the mechanism with the syringe that it sees, whatever care area and drug say. */
export function highestMechanicalRateMlPerH({
  model,
  syringeMl,
}: Pick<LimitQuestion, 'model' | 'syringeMl'>): number {
  if (model.syringes === null || syringeMl === undefined || syringeMl === null) return model.rateMlPerH.max;
  const syringe = model.syringes.find(({ sizeMl }) => sizeMl === syringeMl);
  // A size that the sensor does not know may be any of them.
  const maximaMlPerH = syringe === undefined ? model.syringes : [syringe];
  return Math.min(model.rateMlPerH.max, ...maximaMlPerH.map(({ maximumRateMlPerH }) => maximumRateMlPerH));
}

/** The highest rate at which anything may flow here: of model, syringe and care area, whatever the drug; in whole steps. */
export function highestRateMlPerH(question: LimitQuestion): number {
  const highest = Math.min(
    highestMechanicalRateMlPerH(question),
    question.library?.maximumRateMlPerH ?? Number.POSITIVE_INFINITY,
  );
  return downToStep(question.model, highest);
}

function downToStep(model: PumpModel, rateMlPerH: number): number {
  const stepsPerMl = Math.round(1 / model.rateMlPerH.step);
  return Math.floor(rateMlPerH * stepsPerMl * (1 + SLACK)) / stepsPerMl;
}

/**
 * The rate that keeps a vein open: what is set, but never faster than the infusion [GIP], than the care area or than the
 * mechanism allows. 0: the pump stops.
 */
export function keepVeinOpenRateMlPerH(
  question: LimitQuestion,
  settingMlPerH: number,
  programmedRateMlPerH: number,
): number {
  const wantedMlPerH = Math.min(
    settingMlPerH,
    question.library?.maximumKeepVeinOpenMlPerH ?? Number.POSITIVE_INFINITY,
    highestRateMlPerH(question),
    programmedRateMlPerH,
  );
  // Rounded down to a step, and nothing where even the slowest is too fast.
  const rateMlPerH = downToStep(question.model, wantedMlPerH);
  return rateMlPerH >= question.model.rateMlPerH.min ? rateMlPerH : 0;
}

/** The bubble that alarms, in µL; the care area may be stricter than the setting. */
export function airLimitMicroL(question: LimitQuestion, settingMicroL: number): number {
  return Math.min(settingMicroL, question.library?.airLimitMicroL ?? Number.POSITIVE_INFINITY);
}

/** How long a volume takes, in minutes, with the loading dose at a rate of its own; 0 where nothing runs by itself. */
export function durationMinutesOf(
  rateMlPerH: number,
  volumeToBeInfusedMl: number,
  loading: LoadingDose | null,
): number {
  if (rateMlPerH === 0) return 0;
  const loadingMl = loading?.volumeMl ?? 0;
  const loadingH = loading === null ? 0 : loading.volumeMl / loading.rateMlPerH;
  return (loadingH + (volumeToBeInfusedMl - loadingMl) / rateMlPerH) * 60;
}

/**
 * Judges a programme by all that is known of it; drug, concentration and weight are the programme's own. The one place of
 * `dose-limits`, with the functions below.
 */
export function judgeProgramme(question: LimitQuestion, programme: Programme): LimitVerdict {
  const { rateMlPerH, volumeToBeInfusedMl: volumeMl, loading, pca } = programme;
  const { drug, concentration, weightKg } = programme;
  const asked: LimitQuestion = { ...question, drug, concentration, weightKg };
  const entry = libraryEntryOf(asked);
  const range = question.model.volumeToBeInfusedMl;
  // What a pump takes up again is the rest of something that was within them as a whole.
  const wholeMl = programme.restOfMl ?? volumeMl;
  return whereLimitsHold(question, [
    wholeMl >= range.min && wholeMl <= range.max
      ? WITHIN
      : hard(`the volume ${wholeMl} mL is not within ${range.min}–${range.max} mL`),
    judgeRate(asked, rateMlPerH),
    judgeConcentration(entry, concentration),
    judgeWeight(asked, entry),
    judgeDuration(entry, programme),
    judgeLoading(asked, entry, programme),
    judgePca(asked, entry, programme),
    pca === null ? WITHIN : judgeContinuous(pca, loadingAsDose(loading), rateMlPerH, 0),
  ]);
}

/** Judges how fast a drug comes by a programme, continuously and at the button: what the alert of the dose is about. */
export function judgeDose(question: LimitQuestion, programme: Programme): LimitVerdict {
  const entry = libraryEntryOf(question);
  return whereLimitsHold(question, [
    judgeRate(question, programme.rateMlPerH),
    judgeDuration(entry, programme),
    judgePca(question, entry, programme),
  ]);
}

/** Worked out anew: what the programme says of it may be from before a change of rate. */
function judgeDuration(
  entry: LibraryEntry | undefined,
  { rateMlPerH, volumeToBeInfusedMl, restOfMl, loading }: Programme,
): LimitVerdict {
  if (rateMlPerH === 0) return WITHIN;
  const minutes = durationMinutesOf(rateMlPerH, restOfMl ?? volumeToBeInfusedMl, loading);
  return against(entry?.durationLimitsMinutes, minutes, 'min', 'the duration of ');
}

/** Judges a rate that the pump is to drive; a hard limit is found before any soft one. */
export function judgeRate(question: LimitQuestion, rateMlPerH: number): LimitVerdict {
  return whereLimitsHold(question, [rateVerdict(question, rateMlPerH)]);
}

/** Of several verdicts the worst; none where limits do not hold. */
function whereLimitsHold({ noLimits }: LimitQuestion, verdicts: readonly LimitVerdict[]): LimitVerdict {
  return noLimits === true ? WITHIN : worst(verdicts);
}

function rateVerdict(question: LimitQuestion, rateMlPerH: number): LimitVerdict {
  const { library, drug } = question;
  // Nothing runs but what the patient asks for.
  if (rateMlPerH === 0 && question.model.pca !== null) return judgeListed(question);
  const flow = judgeFlow(question, rateMlPerH);
  if (!flow.within || library === null || drug === null) return flow;
  const listed = judgeListed(question);
  const entry = entryOf(library, drug);
  if (entry === undefined) return listed;
  const dose = doseFromRate(
    rateMlPerH,
    question.concentration ?? entry.concentration,
    entry.doseUnit,
    question.weightKg ?? null,
  );
  return worst([
    against(entry.rateLimitsMlPerH, rateMlPerH, 'mL/h'),
    dose === undefined
      ? withoutWeight(entry.limits, entry.rateLimitsMlPerH, `the limits of ${drug} are in ${entry.doseUnit}`)
      : against(entry.limits, dose, entry.doseUnit),
  ]);
}

function judgeListed({ library, drug }: LimitQuestion): LimitVerdict {
  return library === null || drug === null || entryOf(library, drug) !== undefined
    ? WITHIN
    : hard(`${drug} is not in the library ${library.id} ${library.version}`);
}

/**
 * Limits per kilogram of somebody whose weight nobody has keyed in: leaving it out passes no hard limit, and something has to
 * bound the drug. Known limit: soft ones say nothing then, as on many pumps.
 *
 * @param otherLimit what bounds it without a weight
 */
function withoutWeight(limits: Limits | undefined, otherLimit: unknown, what: string): LimitVerdict {
  const isHard = limits?.hardMin !== undefined || limits?.hardMax !== undefined;
  return isHard || otherLimit === undefined ? hard(`${what}: the weight is needed`) : WITHIN;
}

/**
 * Judges a bolus by volume: the model's largest, and the drug's by volume and by amount. A drug without a bolus limit has no
 * bolus.
 */
export function judgeBolus(question: LimitQuestion, volumeMl: number): LimitVerdict {
  return whereLimitsHold(question, [bolusVerdict(question, volumeMl)]);
}

function bolusVerdict(question: LimitQuestion, volumeMl: number): LimitVerdict {
  const { model, library, drug } = question;
  if (model.bolus === null) return hard(`a ${model.title} gives no bolus`);
  if (!(volumeMl > 0 && volumeMl <= model.bolus.maxMl)) {
    return hard(`a bolus of ${volumeMl} mL is not within 0–${model.bolus.maxMl} mL`);
  }
  if (library === null || drug === null) return WITHIN;
  const entry = entryOf(library, drug);
  const { bolusMaxMl, bolusLimits } = entry ?? {};
  if (entry === undefined || (bolusMaxMl === undefined && bolusLimits === undefined)) {
    return hard(`the library allows no bolus of ${drug}`);
  }
  const overVolume = bolusMaxMl !== undefined && volumeMl > bolusMaxMl;
  if (overVolume) return hard(`the library allows a bolus of ${bolusMaxMl} mL of ${drug}`);
  if (bolusLimits === undefined) return WITHIN;
  const concentration = question.concentration ?? entry.concentration;
  const amount = amountInVolume(volumeMl, concentration, bolusLimits.unit, question.weightKg ?? null);
  return amount === undefined
    ? withoutWeight(bolusLimits.limits, bolusMaxMl, `a bolus of ${drug} goes by ${bolusLimits.unit}`)
    : against(bolusLimits.limits, amount, bolusLimits.unit, 'a bolus of ');
}

/** Model, syringe and care area: what holds for anything that flows, a loading dose too. */
function judgeFlow(question: LimitQuestion, rateMlPerH: number): LimitVerdict {
  const { model, library, syringeMl } = question;
  const { min, max } = model.rateMlPerH;
  if (!(rateMlPerH >= min && rateMlPerH <= max)) {
    return hard(`the rate ${rateMlPerH} mL/h is not within ${min}–${max} mL/h`);
  }
  const mechanical = highestMechanicalRateMlPerH(question);
  if (rateMlPerH > mechanical) return hard(`a syringe of ${syringeMl} mL allows at most ${mechanical} mL/h`);
  const areaMaximum = library?.maximumRateMlPerH;
  if (areaMaximum !== undefined && rateMlPerH > areaMaximum) {
    return hard(`${library?.careArea} allows at most ${areaMaximum} mL/h`);
  }
  return WITHIN;
}

function judgeConcentration(
  entry: LibraryEntry | undefined,
  concentration: Concentration | null,
): LimitVerdict {
  if (entry === undefined || concentration === null) return WITHIN;
  return concentrationsOf(entry).some((offered) => isSameStrength(offered, concentration))
    ? WITHIN
    : hard(`the library has no ${entry.drug} of ${concentrationText(concentration)}`);
}

function judgeWeight(question: LimitQuestion, entry: LibraryEntry | undefined): LimitVerdict {
  const weightKg = question.weightKg ?? undefined;
  return worst([
    against(question.library?.weightLimitsKg, weightKg, 'kg', 'the weight of '),
    against(entry?.weightLimitsKg, weightKg, 'kg', 'the weight of '),
  ]);
}

/**
 * Volume and rate of the loading dose. Known limit: the drug's limits of a continuous dose do not hold for it, since it is
 * meant to be faster; what bounds it is its volume.
 */
function judgeLoading(
  question: LimitQuestion,
  entry: LibraryEntry | undefined,
  { loading, volumeToBeInfusedMl }: Programme,
): LimitVerdict {
  if (loading === null) return WITHIN;
  if (!(loading.volumeMl > 0 && loading.volumeMl <= volumeToBeInfusedMl)) {
    return hard(`the loading dose of ${loading.volumeMl} mL is not within the volume to be infused`);
  }
  const flow = judgeFlow(question, loading.rateMlPerH);
  if (!flow.within || entry === undefined) return flow;
  const { drug, loadingMaxMl } = entry;
  if (loadingMaxMl === undefined) return hard(`the library allows no loading dose of ${drug}`);
  return loading.volumeMl <= loadingMaxMl
    ? WITHIN
    : hard(`the library allows a loading dose of ${loadingMaxMl} mL of ${drug}`);
}

/** The patient's button against the drug's limits, in amounts. */
function judgePca(
  question: LimitQuestion,
  entry: LibraryEntry | undefined,
  { pca, rateMlPerH }: Programme,
): LimitVerdict {
  if (pca === null || entry === undefined) return WITHIN;
  const limits = entry.pca;
  if (limits === undefined) return hard(`the library has no patient's button for ${entry.drug}`);
  const { amountUnit } = limits;
  // The same amount within a shorter time than the library means is more.
  const windows = Math.max(
    1,
    (limits.accumulatedWindowHours ?? LONGEST_WINDOW_H) / pca.accumulatedWindowHours,
  );
  const amountOf = (volumeMl: number): number | undefined =>
    amountInVolume(volumeMl, question.concentration ?? entry.concentration, amountUnit, null);
  return worst([
    against(limits.demand, amountOf(pca.demandDoseMl), amountUnit, 'a demand dose of '),
    against(limits.lockoutMinutes, pca.lockoutMinutes, 'min', 'a lockout of '),
    rateMlPerH === 0
      ? WITHIN
      : against(limits.continuousPerH, amountOf(rateMlPerH), `${amountUnit}/h`, 'a continuous dose of '),
    against(
      limits.accumulated,
      amountOf(pca.accumulatedLimitMl * windows),
      amountUnit,
      `an accumulated limit that allows `,
    ),
  ]);
}

function loadingAsDose(loading: LoadingDose | null): readonly PcaDose[] {
  return loading === null ? [] : [{ atMs: 0, volumeMl: loading.volumeMl }];
}

function libraryEntryOf({ library, drug }: LimitQuestion): LibraryEntry | undefined {
  return library === null || drug === null ? undefined : entryOf(library, drug);
}
