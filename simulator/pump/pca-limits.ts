import { hard, type LimitVerdict, SLACK, WITHIN } from './limit-verdict.ts';
import type { PcaSettings } from './programme.ts';

/** What a PCA pump has given and gives, as far back as its window reaches. */
export interface PcaTherapy {
  /** The continuous rate now. */
  readonly continuousMlPerH: number;
  /** Continuous rates that ran before, and until when. Without them, lowering the rate would free what already flowed. */
  readonly earlierRates?: readonly { readonly untilMs: number; readonly rateMlPerH: number }[];
  readonly doses: readonly PcaDose[];
}

/** What was given at once: a press of the button, a loading dose or a clinician's bolus. */
export interface PcaDose {
  readonly atMs: number;
  readonly volumeMl: number;
  /** When the last of it has flowed; absent: at once. */
  readonly untilMs?: number;
}

/**
 * Judges a press of the patient's button: lockout, and the limit over the window. The highest continuous rate of the window
 * counts for the whole of it, and so does every dose of which a part may have flowed within it: that errs on the side of
 * refusing, and no window can hold more than the limit.
 */
export function judgeDemand(
  pca: PcaSettings | null,
  modelTitle: string,
  therapy: PcaTherapy,
  atMs: number,
): LimitVerdict {
  if (pca === null) return hard(`a ${modelTitle} has no patient's button`);
  const lastMs = therapy.doses.reduce(
    (latest, dose) => Math.max(latest, dose.atMs),
    Number.NEGATIVE_INFINITY,
  );
  if (!(atMs - lastMs >= pca.lockoutMinutes * 60_000)) {
    return hard(`within the lockout of ${pca.lockoutMinutes} min`);
  }
  const sinceMs = atMs - pca.accumulatedWindowHours * 3_600_000;
  const rates = (therapy.earlierRates ?? []).filter(({ untilMs }) => untilMs >= sinceMs);
  const continuousMlPerH = Math.max(therapy.continuousMlPerH, ...rates.map(({ rateMlPerH }) => rateMlPerH));
  return judgeAccumulated(pca, therapy.doses, continuousMlPerH, pca.demandDoseMl, atMs);
}

/** Judges a continuous rate from `atMs` on: with the doses of the window it must not lead over the limit either. */
export function judgeContinuous(
  pca: PcaSettings | null,
  doses: readonly PcaDose[],
  rateMlPerH: number,
  atMs: number,
): LimitVerdict {
  return pca === null ? WITHIN : judgeAccumulated(pca, doses, rateMlPerH, 0, atMs);
}

function judgeAccumulated(
  pca: PcaSettings,
  doses: readonly PcaDose[],
  continuousMlPerH: number,
  newDoseMl: number,
  atMs: number,
): LimitVerdict {
  const { accumulatedLimitMl: limitMl, accumulatedWindowHours: windowHours } = pca;
  const sinceMs = atMs - windowHours * 3_600_000;
  const givenMl = doses
    .filter((dose) => (dose.untilMs ?? dose.atMs) >= sinceMs)
    .reduce((sum, dose) => sum + dose.volumeMl, 0);
  const accumulatedMl = givenMl + newDoseMl + continuousMlPerH * windowHours;
  return accumulatedMl <= limitMl * (1 + SLACK) ? WITHIN : hard(`over ${limitMl} mL in ${windowHours} h`);
}
