import { convertDose, type Limits } from '../../../protocol/drug-library/index.ts';
import { type Difference, type Effect, effectOnMaximum, effectOnMinimum, isSame } from './change.ts';

/** Limits, and the unit they are in. */
export interface Measured {
  readonly limits: Limits | undefined;
  readonly unit: string;
}

const BOUNDS = [
  ['hardMin', 'hard minimum', effectOnMinimum],
  ['softMin', 'soft minimum', effectOnMinimum],
  ['softMax', 'soft maximum', effectOnMaximum],
  ['hardMax', 'hard maximum', effectOnMaximum],
] as const;

/**
 * What differs between two sets of limits, in whatever units they are. Limits in units that do not convert are compared by
 * nobody: each is named, and its effect is unclear.
 *
 * @param before what the limits are of, e.g. `bolus: `; empty for the dose
 */
export function limitDifferences(what: string, before: Measured, after: Measured): readonly Difference[] {
  return BOUNDS.flatMap(([member, name, effectOn]): readonly Difference[] => {
    const [left, right] = [before.limits?.[member], after.limits?.[member]];
    if (left === undefined && right === undefined) return [];
    const rightAsLeft = right === undefined ? null : convertDose(right, after.unit, before.unit);
    const difference = (effect: Effect): readonly Difference[] => [
      { what: `${what}${name}`, before: text(left, before.unit), after: text(right, after.unit), effect },
    ];
    if (left === undefined || rightAsLeft === null) {
      // One of them has none: no unit has to convert.
      return difference(effectOn(left ?? null, right ?? null));
    }
    if (rightAsLeft === undefined) return difference('unclear');
    return isSame(left, rightAsLeft) ? [] : difference(effectOn(left, rightAsLeft));
  });
}

/** The same for a single maximum, of which none means as much as you like. */
export function maximumDifference(
  what: string,
  unit: string,
  before: number | undefined,
  after: number | undefined,
): readonly Difference[] {
  if (before === undefined && after === undefined) return [];
  const effect = effectOnMaximum(before ?? null, after ?? null);
  return effect === 'none' ? [] : [{ what, before: text(before, unit), after: text(after, unit), effect }];
}

function text(value: number | undefined, unit: string): string | null {
  return value === undefined ? null : `${value} ${unit}`;
}
