import {
  type Concentration,
  concentrationsOf,
  concentrationText,
  convertDose,
  type DrugLibrary,
} from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';
import { quoted } from '../quoted.ts';

/** What slips make of a strength: a digit, or one unit for the next. */
const SLIPS = [10, 1000] as const;
const EXACTLY = 1e-9;

/** Concentrations of one drug that are 10 or 1,000 times each other. */
export function strengthSlips({ entries }: DrugLibrary): readonly Remark[] {
  return entries.flatMap((entry, index) => {
    const all = concentrationsOf(entry);
    return all.flatMap((one, number) =>
      all.slice(0, number).flatMap((other): readonly Remark[] => {
        const slip = slipBetween(one, other);
        if (slip === undefined) return [];
        const message = `${quoted(entry.drug)}: ${concentrationText(one)} and ${concentrationText(other)} are ${slip} times apart`;
        return [
          { rule: 'strength-slip', path: ['entries', index, 'otherConcentrations', number - 1], message },
        ];
      }),
    );
  });
}

/** How many times one is stronger, where that is what a slip would do. */
export function slipBetween(one: Concentration, other: Concentration): number | undefined {
  const amount = convertDose(one.amount, one.amountUnit, other.amountUnit);
  if (amount === undefined) return undefined;
  const ratio = amount / one.volumeMl / (other.amount / other.volumeMl);
  return SLIPS.find((slip) => [ratio, 1 / ratio].some((times) => Math.abs(times / slip - 1) < EXACTLY));
}
