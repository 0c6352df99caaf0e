import {
  type DrugLibrary,
  doseFromRate,
  entryOf,
  type LibraryEntry,
  type Limits,
} from '../drug-library/index.ts';
import type { PumpModel } from '../models/index.ts';
import type { Programme } from './bedside.ts';

/** Where a rate or a volume stands against the limits of model, care area and drug. */
export type LimitVerdict =
  | { readonly within: true }
  /** Beyond a soft limit: a person may pass it on purpose. Beyond a hard one nobody may. */
  | { readonly within: false; readonly limit: 'soft' | 'hard'; readonly reason: string };

/** What is asked of the limits. */
export interface LimitQuestion {
  readonly model: PumpModel;
  /** `null`: the library is not in use, and only the model's ranges hold. */
  readonly library: DrugLibrary | null;
  /** `null` runs outside the library. */
  readonly drug: string | null;
}

const WITHIN: LimitVerdict = { within: true };

/** The rate that the pump really delivers for a wanted one: a whole number of the model's steps. */
export function deliverableRateMlPerH(model: PumpModel, rateMlPerH: number): number {
  const stepsPerMl = Math.round(1 / model.rateMlPerH.step);
  return Math.round(rateMlPerH * stepsPerMl) / stepsPerMl;
}

/** Judges a programme. The one place of `dose-limits`, with the functions below. */
export function judgeProgramme(question: LimitQuestion, programme: Programme): LimitVerdict {
  const range = question.model.volumeToBeInfusedMl;
  const volumeMl = programme.volumeToBeInfusedMl;
  if (!(volumeMl >= range.min && volumeMl <= range.max)) {
    return hard(`the volume ${volumeMl} mL is not within ${range.min}–${range.max} mL`);
  }
  return judgeRate(question, programme.rateMlPerH);
}

/** Judges a rate that the pump is to drive; a hard limit is found before any soft one. */
export function judgeRate(question: LimitQuestion, rateMlPerH: number): LimitVerdict {
  const { model, library, drug } = question;
  const range = model.rateMlPerH;
  if (!(rateMlPerH >= range.min && rateMlPerH <= range.max)) {
    return hard(`the rate ${rateMlPerH} mL/h is not within ${range.min}–${range.max} mL/h`);
  }
  if (library === null) return WITHIN;
  const areaMaximum = library.maximumRateMlPerH;
  if (areaMaximum !== undefined && rateMlPerH > areaMaximum) {
    return hard(`${library.careArea} allows at most ${areaMaximum} mL/h`);
  }
  if (drug === null) return WITHIN;
  const entry = entryOf(library, drug);
  if (entry === undefined) return hard(`${drug} is not in the library ${library.id} ${library.version}`);
  const verdicts = measuresOf(entry, rateMlPerH).map(({ value, unit, limits }) =>
    against(limits, value, unit),
  );
  return (
    verdicts.find((verdict) => !verdict.within && verdict.limit === 'hard') ??
    verdicts.find((verdict) => !verdict.within) ??
    WITHIN
  );
}

/** Judges a bolus by volume: the model's largest, and the drug's. A drug without a bolus limit has no bolus. */
export function judgeBolus(question: LimitQuestion, volumeMl: number): LimitVerdict {
  const { model, library, drug } = question;
  if (model.bolus === null) return hard(`a ${model.title} gives no bolus`);
  if (!(volumeMl > 0 && volumeMl <= model.bolus.maxMl)) {
    return hard(`a bolus of ${volumeMl} mL is not within 0–${model.bolus.maxMl} mL`);
  }
  if (library === null || drug === null) return WITHIN;
  const maximumMl = entryOf(library, drug)?.bolusMaxMl;
  if (maximumMl === undefined) return hard(`the library allows no bolus of ${drug}`);
  return volumeMl <= maximumMl ? WITHIN : hard(`the library allows a bolus of ${maximumMl} mL of ${drug}`);
}

/**
 * Judges a press of the patient's button: lockout, and the limit over the window. Known limit: what runs continuously
 * counts at its present rate for as long as the window reaches back to the start, which errs on the side of refusing.
 */
export function judgeDemand(
  model: PumpModel,
  therapy: {
    readonly continuousMlPerH: number;
    readonly doses: readonly { readonly atMs: number; readonly volumeMl: number }[];
  },
  atMs: number,
): LimitVerdict {
  const { pca } = model;
  if (pca === null) return hard(`a ${model.title} has no patient's button`);
  const last = therapy.doses.at(-1);
  if (last !== undefined && atMs - last.atMs < pca.lockoutMinutes * 60_000) {
    return hard(`within the lockout of ${pca.lockoutMinutes} min`);
  }
  const windowMs = pca.accumulatedWindowHours * 3_600_000;
  const demandedMl = therapy.doses
    .filter((dose) => dose.atMs > atMs - windowMs)
    .reduce((sum, dose) => sum + dose.volumeMl, 0);
  const accumulatedMl = demandedMl + pca.demandDoseMl + therapy.continuousMlPerH * pca.accumulatedWindowHours;
  if (accumulatedMl > pca.accumulatedLimitMl) {
    return hard(`over ${pca.accumulatedLimitMl} mL in ${pca.accumulatedWindowHours} h`);
  }
  return WITHIN;
}

/** The values that a rate has in the units in which an entry states limits. Without a weight nothing per kg is known. */
function measuresOf(
  entry: LibraryEntry,
  rateMlPerH: number,
): readonly { readonly value: number; readonly unit: string; readonly limits: Limits }[] {
  const measures: { value: number; unit: string; limits: Limits }[] = [];
  if (entry.rateLimitsMlPerH !== undefined) {
    measures.push({ value: rateMlPerH, unit: 'mL/h', limits: entry.rateLimitsMlPerH });
  }
  const dose = doseFromRate(rateMlPerH, entry.concentration, entry.doseUnit, null);
  if (entry.limits !== undefined && dose !== undefined) {
    measures.push({ value: dose, unit: entry.doseUnit, limits: entry.limits });
  }
  return measures;
}

function against(limits: Limits, value: number, unit: string): LimitVerdict {
  // A dose comes out of a division: a rate at the limit must not be refused for the last bit.
  const slack = Math.abs(value) * 1e-12;
  const shown = `${Number(value.toPrecision(4))} ${unit}`;
  if (limits.hardMax !== undefined && value > limits.hardMax + slack) {
    return hard(`${shown} is above the hard limit of ${limits.hardMax} ${unit}`);
  }
  if (limits.hardMin !== undefined && value < limits.hardMin - slack) {
    return hard(`${shown} is below the hard limit of ${limits.hardMin} ${unit}`);
  }
  if (limits.softMax !== undefined && value > limits.softMax + slack) {
    return soft(`${shown} is above the soft limit of ${limits.softMax} ${unit}`);
  }
  if (limits.softMin !== undefined && value < limits.softMin - slack) {
    return soft(`${shown} is below the soft limit of ${limits.softMin} ${unit}`);
  }
  return WITHIN;
}

function hard(reason: string): LimitVerdict {
  return { within: false, limit: 'hard', reason };
}

function soft(reason: string): LimitVerdict {
  return { within: false, limit: 'soft', reason };
}
