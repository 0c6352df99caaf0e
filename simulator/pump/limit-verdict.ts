import type { Limits } from '../../protocol/drug-library/index.ts';

/** Where a rate or a volume stands against the limits of model, care area and drug. */
export type LimitVerdict =
  | { readonly within: true }
  /**
   * Beyond a soft limit: a person may pass it on purpose. Beyond a hard one nobody may. `reason` names the first hard limit,
   * or else every soft one.
   */
  | { readonly within: false; readonly limit: 'soft' | 'hard'; readonly reason: string };

export const WITHIN: LimitVerdict = { within: true };

/** A value comes out of divisions and sums: one at the limit must not be refused for the last bit. */
export const SLACK = 1e-12;

/** The first hard verdict; else one that names every soft limit; else within. */
export function worst(verdicts: readonly LimitVerdict[]): LimitVerdict {
  const beyond = verdicts.filter((verdict) => !verdict.within);
  const first = beyond.find(({ limit }) => limit === 'hard');
  if (first !== undefined) return first;
  return beyond.length === 0 ? WITHIN : soft([...new Set(beyond.map(({ reason }) => reason))].join('; '));
}

/** @param value absent where it is not known, e.g. per kilogram without a weight: then nothing is said */
export function against(
  limits: Limits | undefined,
  value: number | undefined,
  unit: string,
  what = '',
): LimitVerdict {
  if (limits === undefined || value === undefined) return WITHIN;
  const slack = Math.abs(value) * SLACK;
  const shown = `${what}${Number(value.toPrecision(4))} ${unit}`;
  const { hardMin, softMin, softMax, hardMax } = limits;
  if (Number.isNaN(value)) return hard(`${shown} is not a number`);
  if (hardMax !== undefined && value > hardMax + slack) {
    return hard(`${shown} is above the hard limit of ${hardMax} ${unit}`);
  }
  if (hardMin !== undefined && value < hardMin - slack) {
    return hard(`${shown} is below the hard limit of ${hardMin} ${unit}`);
  }
  if (softMax !== undefined && value > softMax + slack) {
    return soft(`${shown} is above the soft limit of ${softMax} ${unit}`);
  }
  if (softMin !== undefined && value < softMin - slack) {
    return soft(`${shown} is below the soft limit of ${softMin} ${unit}`);
  }
  return WITHIN;
}

export function hard(reason: string): LimitVerdict {
  return { within: false, limit: 'hard', reason };
}

export function soft(reason: string): LimitVerdict {
  return { within: false, limit: 'soft', reason };
}
