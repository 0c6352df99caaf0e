import type { PumpModel } from '../models/index.ts';

/** A setting of one channel that somebody may change in standby; units are in the names. */
export type PumpSetting =
  | { readonly name: 'occlusionLimitMmHg'; readonly value: number }
  | { readonly name: 'airLimitMicroL'; readonly value: number }
  | { readonly name: 'keepVeinOpenMlPerH'; readonly value: number }
  | { readonly name: 'autoRestarts'; readonly value: number };

export type PumpSettings = { readonly [S in PumpSetting as S['name']]: S['value'] };

/** Why a setting is not taken, or `null`. Any values are fine as input. */
export function whyNotSet(model: PumpModel, setting: PumpSetting): string | null {
  const { name, value }: Partial<PumpSetting> = setting ?? {};
  if (typeof value !== 'number') return 'a setting is a name and a number';
  switch (name) {
    case 'occlusionLimitMmHg': {
      const { min, max, step } = model.occlusionMmHg;
      const fits = value >= min && value <= max && (value - min) % step === 0;
      return fits ? null : `an occlusion limit is ${min}–${max} mmHg in steps of ${step}`;
    }
    case 'airLimitMicroL': {
      const { choices } = model.airMicroL;
      return choices.includes(value) ? null : `an air limit is one of ${choices.join(', ')} µL`;
    }
    case 'keepVeinOpenMlPerH': {
      const { min, step } = model.rateMlPerH;
      if (model.keepVeinOpenMlPerH === 0) return `a ${model.title} keeps no vein open`;
      const fits = value >= min && value <= 20 && isWhole(value / step);
      return fits ? null : `a rate that keeps the vein open is ${min}–20 mL/h`;
    }
    case 'autoRestarts':
      return Number.isInteger(value) && value >= 0 && value <= 9 ? null : 'restarts are 0–9';
    default:
      return 'there is no such setting';
  }
}

/** Whether a quotient is a whole number, but for the last bits. */
function isWhole(quotient: number): boolean {
  return Math.abs(quotient - Math.round(quotient)) < 1e-6;
}
