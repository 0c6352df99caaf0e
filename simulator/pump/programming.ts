import { z } from 'zod';
import {
  AMOUNT_UNITS,
  type Concentration,
  concentrationsOf,
  concentrationText,
  doseFromRate,
  entryOf,
  isSameStrength,
  type LibraryEntry,
  parseDoseUnit,
  rateFromDose,
  unitFits,
} from '../../protocol/drug-library/index.ts';
import type { PumpModel } from '../models/index.ts';
import {
  deliverableRateMlPerH,
  durationMinutesOf,
  highestMechanicalRateMlPerH,
  judgeRate,
  type LimitQuestion,
} from './limits.ts';
import type { LoadingDose, PcaSettings, Programme, ProgrammeEntry } from './programme.ts';

type Refused = { readonly ok: false; readonly reason: string };
type Asked = Pick<LimitQuestion, 'model' | 'library' | 'syringeMl'>;
type Given = z.infer<typeof entrySchema>;

/** Two figures that differ by less, relative to each other, say the same. */
const SAME = 1e-9;

/** What a text on a display has room for. */
const LONGEST_TEXT = 64;
const WEIGHT_KG = { min: 0.25, max: 500 };
/** The longest lockout is the longest window. */
const LOCKOUT_MINUTES = { min: 5, max: 240 };

const above0 = (what: string) => {
  const message = `${what} is not a number above 0`;
  return z.number(message).positive(message);
};
const within = (what: string, unit: string, { min, max }: { readonly min: number; readonly max: number }) => {
  const message = `${what} is not within ${min}–${max} ${unit}`;
  return z.number(message).min(min, message).max(max, message);
};
const text = (what: string) => {
  const message = `${what} is not a text of 1–${LONGEST_TEXT} characters`;
  return z.string(message).min(1, message).max(LONGEST_TEXT, message);
};

/** What a programme may look like by itself; whether it goes together is seen to below. */
const entrySchema = z.strictObject(
  {
    orderId: text('the order').nullable(),
    drug: text('the drug').nullable(),
    concentration: z
      .strictObject(
        {
          amount: above0('the amount in the bag'),
          amountUnit: z.enum(AMOUNT_UNITS, `the amount in the bag is not in ${AMOUNT_UNITS.join(', ')}`),
          volumeMl: above0('the volume of the bag'),
        },
        'the concentration is not an amount in a volume',
      )
      .optional(),
    weightKg: within('the weight', 'kg', WEIGHT_KG).optional(),
    rateMlPerH: z
      .number('the rate is not a number above 0')
      .nonnegative('the rate is not a number above 0')
      .optional(),
    volumeToBeInfusedMl: above0('the volume').optional(),
    durationMinutes: above0('the time').optional(),
    dose: z
      .strictObject(
        { value: above0('the dose'), unit: text('the dose unit') },
        'the dose is not a value and a unit',
      )
      .optional(),
    loading: z
      .strictObject(
        { volumeMl: above0('the loading dose'), rateMlPerH: above0('the rate of the loading dose') },
        'the loading dose is not a volume and a rate',
      )
      .optional(),
    pca: z
      .strictObject(
        {
          demandDoseMl: above0('the demand dose'),
          lockoutMinutes: within('the lockout', 'min', LOCKOUT_MINUTES),
          accumulatedLimitMl: above0('the accumulated limit'),
          accumulatedWindowHours: z.literal([1, 2, 4], 'the accumulated window is not 1, 2 or 4 h'),
        },
        'the settings of the button are not a dose, a lockout, a limit and a window',
      )
      .optional(),
  },
  'not a programme as the pump knows it',
);

/**
 * Works out a programme from what was keyed in, as the pump shows it back: two of rate, volume and time, or a dose with a
 * volume or a time, give the rest. The rate is rounded to the model's steps, and dose and time follow from what is really
 * driven. Only the ranges of model and syringe hold here; limits are judged by `judgeProgramme`.
 *
 * @param entry from a keypad or a socket: anything is fine, and what is no programme is refused
 */
export function resolveProgramme(
  question: Asked,
  entry: ProgrammeEntry,
): { readonly ok: true; readonly programme: Programme } | Refused {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) return refuse(parsed.error.issues[0]?.message ?? 'not a programme');
  const given = parsed.data;
  const syringe = unknownSyringe(question);
  if (syringe !== undefined) return syringe;
  const substance = substanceOf(question, given);
  if ('ok' in substance) return substance;
  const { concentration, listed } = substance;
  const loading = loadingOf(question, given);
  if (loading !== null && 'ok' in loading) return loading;
  const flow = flowOf(question, given, concentration, loading);
  if ('ok' in flow) return flow;
  const pca = pcaOf(question.model, given);
  if (pca !== null && 'ok' in pca) return pca;
  const weightKg = given.weightKg ?? null;
  const dose = doseIn(given.dose?.unit ?? listed?.doseUnit, flow.rateMlPerH, concentration, weightKg);
  // Without a continuous rate the dose is 0, and another one may be set later.
  const isShown = (value: number): boolean => (value > 0 || flow.rateMlPerH === 0) && Number.isFinite(value);
  if (dose !== null && !isShown(dose.value)) {
    return refuse('the concentration gives no dose that can be shown');
  }
  const { orderId, drug } = given;
  return { ok: true, programme: { orderId, drug, ...flow, concentration, weightKg, dose, loading, pca } };
}

/** What another rate of this programme gives, in the unit of its dose; `null` where that is not known. */
export function doseOfRate(programme: Programme, rateMlPerH: number): Programme['dose'] {
  return doseIn(programme.dose?.unit, rateMlPerH, programme.concentration, programme.weightKg);
}

/**
 * The rate for another dose, in the unit in which the programme states it: in the model's steps, on the side on which a limit
 * keeps it, and as it comes where the model cannot drive it, which the limits then refuse.
 *
 * @returns `undefined` where the programme knows no dose
 */
export function rateOfDose(question: Asked, programme: Programme, dose: number): number | undefined {
  const { drug, concentration, weightKg } = programme;
  if (programme.dose === null) return undefined;
  const rateMlPerH = rateFromDose(dose, concentration, programme.dose.unit, weightKg);
  if (rateMlPerH === undefined) return undefined;
  return stepsWithinDose({ ...question, drug, concentration, weightKg }, rateMlPerH) ?? rateMlPerH;
}

function unknownSyringe({ model, syringeMl }: Asked): Refused | undefined {
  if (model.syringes === null || syringeMl === undefined || syringeMl === null) return undefined;
  return model.syringes.some(({ sizeMl }) => sizeMl === syringeMl)
    ? undefined
    : refuse(`the pump does not know a syringe of ${syringeMl} mL`);
}

/** Drug and concentration; `listed` is the library's entry, if the drug runs within the library. */
function substanceOf(
  { library }: Asked,
  { drug, concentration }: Given,
): { readonly concentration: Concentration | null; readonly listed: LibraryEntry | undefined } | Refused {
  if (library === null || drug === null) return { concentration: concentration ?? null, listed: undefined };
  const listed = entryOf(library, drug);
  if (listed === undefined) return refuse(`${drug} is not in the library ${library.id} ${library.version}`);
  if (concentration === undefined) return { concentration: listed.concentration, listed };
  return concentrationsOf(listed).some((offered) => isSameStrength(offered, concentration))
    ? { concentration, listed }
    : refuse(`the library has no ${drug} of ${concentrationText(concentration)}`);
}

function loadingOf(question: Asked, { loading }: Given): LoadingDose | null | Refused {
  if (loading === undefined) return null;
  const rateMlPerH = inSteps(question, loading.rateMlPerH);
  return rateMlPerH === undefined
    ? outOfRange(question, 'the rate of the loading dose', loading.rateMlPerH)
    : { volumeMl: loading.volumeMl, rateMlPerH };
}

/** Rate, volume and time out of what was given of them. The loading dose is part of volume and time. */
function flowOf(
  question: Asked,
  given: Given,
  concentration: Concentration | null,
  loading: LoadingDose | null,
): Pick<Programme, 'enteredBy' | 'rateMlPerH' | 'volumeToBeInfusedMl' | 'durationMinutes'> | Refused {
  const { volumeToBeInfusedMl: volumeMl, durationMinutes } = given;
  const loadingMl = loading?.volumeMl ?? 0;
  const loadingMinutes = loading === null ? 0 : (loading.volumeMl / loading.rateMlPerH) * 60;
  if (volumeMl !== undefined && loadingMl > volumeMl) {
    return refuse(
      `the loading dose of ${shown(loadingMl)} mL is more than the volume of ${shown(volumeMl)} mL`,
    );
  }
  if (durationMinutes !== undefined && loadingMinutes > durationMinutes * (1 + SAME)) {
    return refuse(`the loading dose alone takes ${shown(loadingMinutes)} min`);
  }
  if (given.rateMlPerH === 0) return atTheButtonAlone(question, given, loading);
  const wanted = wantedRate(given, concentration, { loadingMl, loadingMinutes });
  if ('ok' in wanted) return wanted;
  const rateMlPerH =
    given.dose === undefined
      ? inSteps(question, wanted.rateMlPerH)
      : stepsWithinDose(
          { ...question, drug: given.drug, concentration, weightKg: given.weightKg ?? null },
          wanted.rateMlPerH,
        );
  if (rateMlPerH === undefined) return outOfRange(question, 'the rate', wanted.rateMlPerH);
  const volumeToBeInfusedMl =
    volumeMl ?? loadingMl + (rateMlPerH * Math.max(0, (durationMinutes ?? 0) - loadingMinutes)) / 60;
  const { min, max } = question.model.volumeToBeInfusedMl;
  if (!(volumeToBeInfusedMl >= min && volumeToBeInfusedMl <= max)) {
    return refuse(`the volume ${shown(volumeToBeInfusedMl)} mL is not within ${min}–${max} mL`);
  }
  const flow = {
    enteredBy: wanted.enteredBy,
    rateMlPerH,
    volumeToBeInfusedMl,
    durationMinutes:
      volumeMl === undefined && durationMinutes !== undefined
        ? durationMinutes
        : durationMinutesOf(rateMlPerH, volumeToBeInfusedMl, loading),
  };
  return contradictionIn(question.model, given, flow, wanted.rateMlPerH, loading) ?? flow;
}

/** Patient-controlled analgesia without a continuous rate: only the button gives. */
function atTheButtonAlone(
  { model }: Asked,
  { volumeToBeInfusedMl, durationMinutes, dose }: Given,
  loading: LoadingDose | null,
): Pick<Programme, 'enteredBy' | 'rateMlPerH' | 'volumeToBeInfusedMl' | 'durationMinutes'> | Refused {
  if (model.pca === null) return refuse('the rate is not a number above 0');
  if (volumeToBeInfusedMl === undefined || durationMinutes !== undefined || dose !== undefined)
    return refuse('without a continuous rate, the volume is needed, and neither a time nor a dose');
  const { min, max } = model.volumeToBeInfusedMl;
  if (!(volumeToBeInfusedMl >= min && volumeToBeInfusedMl <= max))
    return refuse(`the volume ${shown(volumeToBeInfusedMl)} mL is not within ${min}–${max} mL`);
  return {
    enteredBy: 'rate-volume',
    rateMlPerH: 0,
    volumeToBeInfusedMl,
    durationMinutes: durationMinutesOf(0, volumeToBeInfusedMl, loading),
  };
}

/** A dose at a limit of the library is rounded to the side on which the limit keeps it. */
function stepsWithinDose(question: LimitQuestion, exactMlPerH: number): number | undefined {
  const nearest = inSteps(question, exactMlPerH);
  if (nearest === undefined) return nearest;
  const beyond = (rateMlPerH: number): number => {
    const verdict = judgeRate(question, rateMlPerH);
    if (verdict.within) return 0;
    return verdict.limit === 'soft' ? 1 : 2;
  };
  const { step } = question.model.rateMlPerH;
  const other = deliverableRateMlPerH(question.model, nearest + (nearest > exactMlPerH ? -step : step));
  const meantAs = beyond(exactMlPerH);
  return beyond(nearest) > meantAs && beyond(other) <= meantAs ? other : nearest;
}

/** The rate that is asked for, before it is rounded. */
function wantedRate(
  given: Given,
  concentration: Concentration | null,
  { loadingMl, loadingMinutes }: { readonly loadingMl: number; readonly loadingMinutes: number },
): { readonly enteredBy: Programme['enteredBy']; readonly rateMlPerH: number } | Refused {
  const { rateMlPerH, volumeToBeInfusedMl: volumeMl, durationMinutes, dose } = given;
  if (dose !== undefined) {
    const fault = doseFault(dose.unit, concentration, given.weightKg);
    if (fault !== undefined) return refuse(fault);
    if (volumeMl === undefined && durationMinutes === undefined) {
      return refuse('with a dose, a volume or a time is needed');
    }
    const byDose = rateFromDose(dose.value, concentration, dose.unit, given.weightKg ?? null);
    return byDose === undefined
      ? refuse('the dose gives no rate')
      : { enteredBy: 'dose', rateMlPerH: byDose };
  }
  if (rateMlPerH !== undefined && volumeMl !== undefined) return { enteredBy: 'rate-volume', rateMlPerH };
  if (rateMlPerH !== undefined && durationMinutes !== undefined)
    return { enteredBy: 'rate-time', rateMlPerH };
  if (volumeMl === undefined || durationMinutes === undefined) {
    return refuse('two of rate, volume and time are needed');
  }
  const restMl = volumeMl - loadingMl;
  const restMinutes = durationMinutes - loadingMinutes;
  if (!(restMl > 0 && restMinutes > 0))
    return refuse('the loading dose leaves no volume or no time for the rest');
  return { enteredBy: 'volume-time', rateMlPerH: (restMl / restMinutes) * 60 };
}

function doseFault(
  unit: string,
  concentration: Concentration | null,
  weightKg: number | undefined,
): string | undefined {
  const parts = parseDoseUnit(unit);
  if (parts === undefined) return `${unit} is not a dose unit`;
  if (concentration === null && parts.amountUnit !== 'mL') return 'with a dose, the concentration is needed';
  if (!unitFits(concentration, unit)) {
    return `${unit} does not fit ${concentration === null ? 'the bag' : concentrationText(concentration)}`;
  }
  return parts.perKg && weightKg === undefined ? `with a dose in ${unit}, the weight is needed` : undefined;
}

/** Whoever gives more than is needed must not say two things: beyond half a step it is another rate. */
function contradictionIn(
  model: PumpModel,
  given: Given,
  flow: Pick<Programme, 'rateMlPerH' | 'volumeToBeInfusedMl' | 'durationMinutes'>,
  exactMlPerH: number,
  loading: LoadingDose | null,
): Refused | undefined {
  const differs = (rateMlPerH: number): boolean =>
    !(Math.abs(rateMlPerH - exactMlPerH) <= (model.rateMlPerH.step / 2) * (1 + SAME) + exactMlPerH * SAME);
  if (given.dose !== undefined && given.rateMlPerH !== undefined && differs(given.rateMlPerH)) {
    return refuse(
      `the dose asks for ${shown(exactMlPerH)} mL/h, and the rate says ${shown(given.rateMlPerH)} mL/h`,
    );
  }
  if (given.volumeToBeInfusedMl === undefined || given.durationMinutes === undefined) return undefined;
  const restMl = given.volumeToBeInfusedMl - (loading?.volumeMl ?? 0);
  const loadingMinutes = loading === null ? 0 : (loading.volumeMl / loading.rateMlPerH) * 60;
  const contradicts =
    restMl > 0
      ? differs((restMl / (given.durationMinutes - loadingMinutes)) * 60)
      : Math.abs(given.durationMinutes - loadingMinutes) > loadingMinutes * SAME;
  return contradicts
    ? refuse(
        `at this rate it takes ${shown(flow.durationMinutes)} min, not ${shown(given.durationMinutes)} min`,
      )
    : undefined;
}

function pcaOf(model: PumpModel, { pca }: Given): PcaSettings | null | Refused {
  if (model.pca === null) {
    return pca === undefined ? null : refuse(`a ${model.title} has no patient's button`);
  }
  const { demandDoseMl, lockoutMinutes, accumulatedLimitMl, accumulatedWindowHours } = pca ?? model.pca;
  const largestMl = model.bolus?.maxMl ?? model.reservoirMl;
  if (demandDoseMl > largestMl) return refuse(`the demand dose is more than ${largestMl} mL`);
  if (demandDoseMl > accumulatedLimitMl) return refuse('the demand dose is more than the accumulated limit');
  if (accumulatedLimitMl > model.volumeToBeInfusedMl.max) {
    return refuse(`the accumulated limit is more than ${model.volumeToBeInfusedMl.max} mL`);
  }
  return { demandDoseMl, lockoutMinutes, accumulatedLimitMl, accumulatedWindowHours };
}

function doseIn(
  unit: string | undefined,
  rateMlPerH: number,
  concentration: Concentration | null,
  weightKg: number | null,
): Programme['dose'] {
  const value = unit === undefined ? undefined : doseFromRate(rateMlPerH, concentration, unit, weightKg);
  return unit === undefined || value === undefined ? null : { value, unit };
}

/** The nearest step within the range of model and syringe; `undefined` for a rate outside of it, which is never rounded in. */
function inSteps(
  question: Pick<LimitQuestion, 'model' | 'syringeMl'>,
  rateMlPerH: number,
): number | undefined {
  const { min, step } = question.model.rateMlPerH;
  const max = highestMechanicalRateMlPerH(question);
  if (!(rateMlPerH >= min * (1 - SAME) && rateMlPerH <= max * (1 + SAME))) return undefined;
  const nearest = deliverableRateMlPerH(question.model, rateMlPerH);
  if (nearest >= min && nearest <= max) return nearest;
  const inward = deliverableRateMlPerH(question.model, nearest < min ? nearest + step : nearest - step);
  return inward >= min && inward <= max ? inward : undefined;
}

function outOfRange(question: Asked, what: string, rateMlPerH: number): Refused {
  const max = highestMechanicalRateMlPerH(question);
  return refuse(
    `${what}, ${shown(rateMlPerH)} mL/h, is not within ${question.model.rateMlPerH.min}–${max} mL/h`,
  );
}

function shown(value: number): number {
  return Number(value.toPrecision(6));
}

function refuse(reason: string): Refused {
  return { ok: false, reason };
}
