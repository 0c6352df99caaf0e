import type { DrugLibrary } from '../../protocol/drug-library/index.ts';
import type { PumpModel } from '../models/index.ts';

/** In mL/h: what no order names, because house and model have it. */
export interface HouseRates {
  /** After the end of an infusion; the infusion's own rate if that is lower. 0: nothing flows. */
  readonly keepVeinOpenMlPerH: number;
  /** At which a clinician's bolus is given; 0: none is. */
  readonly bolusMlPerH: number;
  /** At which a dose for a press of the patient is given; 0: none is. */
  readonly demandDoseMlPerH: number;
}

/**
 * What whoever orders here knows of model, care area and syringe, worked out without asking the pump: it is to be held against
 * the ledger.
 *
 * @param library as the pharmacy released it for the care area
 * @param keepVeinOpenMlPerH what somebody set at the keypad; absent: as the model comes
 */
export function houseRates(
  model: PumpModel,
  library: DrugLibrary | null,
  syringeMl: number | null,
  keepVeinOpenMlPerH = model.keepVeinOpenMlPerH,
): HouseRates {
  const syringe = model.syringes?.find(({ sizeMl }) => sizeMl === syringeMl);
  const highestMlPerH = Math.min(
    model.rateMlPerH.max,
    syringe?.maximumRateMlPerH ?? Number.POSITIVE_INFINITY,
    library?.maximumRateMlPerH ?? Number.POSITIVE_INFINITY,
  );
  const atMost = (rateMlPerH: number | undefined): number => Math.min(rateMlPerH ?? 0, highestMlPerH);
  return {
    keepVeinOpenMlPerH: Math.min(
      atMost(keepVeinOpenMlPerH),
      library?.maximumKeepVeinOpenMlPerH ?? Number.POSITIVE_INFINITY,
    ),
    bolusMlPerH: atMost(model.bolus?.rateMlPerH),
    demandDoseMlPerH: atMost(model.pca?.doseRateMlPerH),
  };
}
