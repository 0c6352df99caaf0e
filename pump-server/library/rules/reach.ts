import { concentrationsOf, type DrugLibrary, rateFromDose } from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';
import { quoted } from '../quoted.ts';

/** Rates that an infusion pump runs at [GIP]; narrower ones of a model are judged at the bedside. */
const SLOWEST_ML_PER_H = 0.1;
const FASTEST_ML_PER_H = 999;
/** Where the library does not say what its patients weigh: from a newborn to the heaviest. */
const LIGHTEST_KG = 0.4;
const HEAVIEST_KG = 300;

/**
 * Limits that no pump can come near in one of the concentrations, for anybody: a maximum below the slowest rate forbids the drug,
 * a minimum above the fastest too. Mostly a unit or a strength is wrong.
 */
export function outOfReach({ entries, weightLimitsKg }: DrugLibrary): readonly Remark[] {
  return entries.flatMap((entry, index) => {
    const { drug, doseUnit, limits } = entry;
    const weight = entry.weightLimitsKg ?? weightLimitsKg;
    const heaviestKg = weight?.hardMax ?? HEAVIEST_KG;
    const lightestKg = weight?.hardMin || LIGHTEST_KG;
    return concentrationsOf(entry).flatMap((concentration): readonly Remark[] => {
      const rate = (dose: number | undefined, kg: number): number | undefined =>
        dose === undefined ? undefined : rateFromDose(dose, concentration, doseUnit, kg);
      const path = ['entries', index, 'limits'] as const;
      const most = limits?.hardMax ?? limits?.softMax;
      const least = limits?.hardMin ?? limits?.softMin;
      const fastest = rate(most, heaviestKg);
      const slowest = rate(least, lightestKg);
      if (fastest !== undefined && fastest < SLOWEST_ML_PER_H) {
        const message = `${quoted(drug)}: at most ${most} ${doseUnit} is ${shown(fastest)} mL/h, and pumps run from ${SLOWEST_ML_PER_H} mL/h`;
        const member = limits?.hardMax === undefined ? 'softMax' : 'hardMax';
        return [{ rule: 'out-of-reach', path: [...path, member], message }];
      }
      if (slowest !== undefined && slowest > FASTEST_ML_PER_H) {
        const message = `${quoted(drug)}: at least ${least} ${doseUnit} is ${shown(slowest)} mL/h, and pumps run to ${FASTEST_ML_PER_H} mL/h`;
        const member = limits?.hardMin === undefined ? 'softMin' : 'hardMin';
        return [{ rule: 'out-of-reach', path: [...path, member], message }];
      }
      return [];
    });
  });
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}
