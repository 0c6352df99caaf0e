/**
 * Dose ↔ rate. A dose unit is an amount unit, `/kg` where it goes by weight, and `/h` or `/min`. Amounts of one family
 * convert into each other; mass, units and equivalents never do.
 */
const AMOUNTS = {
  ng: { family: 'mass', factor: 1e-6 },
  mcg: { family: 'mass', factor: 1e-3 },
  mg: { family: 'mass', factor: 1 },
  g: { family: 'mass', factor: 1e3 },
  milliunits: { family: 'units', factor: 1e-3 },
  units: { family: 'units', factor: 1 },
  mEq: { family: 'equivalents', factor: 1 },
  mL: { family: 'volume', factor: 1 },
} as const;

export const AMOUNT_UNITS = Object.keys(AMOUNTS) as [AmountUnit, ...AmountUnit[]];
export type AmountUnit = keyof typeof AMOUNTS;
export type DoseUnit = `${AmountUnit}${'/kg' | ''}/${'h' | 'min'}`;

/** What is in the bag: `amount` of `amountUnit` in `volumeMl`. */
export interface Concentration {
  readonly amount: number;
  readonly amountUnit: AmountUnit;
  readonly volumeMl: number;
}

/** The parts of a dose unit, or `undefined` for a text that is none. */
export function parseDoseUnit(
  text: string,
): { readonly amountUnit: AmountUnit; readonly perKg: boolean; readonly perMinute: boolean } | undefined {
  const [amount = '', ...rest] = text.split('/');
  const perKg = rest[0] === 'kg';
  const [time, ...tail] = perKg ? rest.slice(1) : rest;
  if (!isAmountUnit(amount) || (time !== 'h' && time !== 'min') || tail.length > 0) return undefined;
  return { amountUnit: amount, perKg, perMinute: time === 'min' };
}

/** Whether doses of this unit can be given from this concentration at all. */
export function unitFits(concentration: Concentration, doseUnit: string): boolean {
  const unit = parseDoseUnit(doseUnit);
  return (
    unit !== undefined &&
    (unit.amountUnit === 'mL' || AMOUNTS[unit.amountUnit].family === AMOUNTS[concentration.amountUnit].family)
  );
}

/**
 * The dose that a rate gives, in `doseUnit`.
 *
 * @param weightKg `null` where it is not known; then a unit per kilogram gives `undefined`
 * @returns `undefined` where unit and concentration, or unit and weight, do not fit
 */
export function doseFromRate(
  rateMlPerH: number,
  concentration: Concentration,
  doseUnit: string,
  weightKg: number | null,
): number | undefined {
  const perMlPerH = dosePerMlPerH(concentration, doseUnit, weightKg);
  return perMlPerH === undefined ? undefined : rateMlPerH * perMlPerH;
}

/** The rate in mL/h that gives a dose; `undefined` as for `doseFromRate`. */
export function rateFromDose(
  dose: number,
  concentration: Concentration,
  doseUnit: string,
  weightKg: number | null,
): number | undefined {
  const perMlPerH = dosePerMlPerH(concentration, doseUnit, weightKg);
  return perMlPerH === undefined ? undefined : dose / perMlPerH;
}

function dosePerMlPerH(
  concentration: Concentration,
  doseUnit: string,
  weightKg: number | null,
): number | undefined {
  const unit = parseDoseUnit(doseUnit);
  if (unit === undefined || !unitFits(concentration, doseUnit)) return undefined;
  if (unit.perKg && !(weightKg !== null && weightKg > 0)) return undefined;
  const amountPerMl =
    unit.amountUnit === 'mL'
      ? 1
      : (concentration.amount * AMOUNTS[concentration.amountUnit].factor) /
        concentration.volumeMl /
        AMOUNTS[unit.amountUnit].factor;
  return amountPerMl / (unit.perMinute ? 60 : 1) / (unit.perKg && weightKg !== null ? weightKg : 1);
}

function isAmountUnit(text: string): text is AmountUnit {
  return Object.hasOwn(AMOUNTS, text);
}
