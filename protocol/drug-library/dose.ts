/**
 * Dose ↔ rate. A dose unit is an amount unit, `/kg` where it goes by weight, and `/h` or `/min`. Amounts of one family
 * convert into each other; mass, units and equivalents never do. Factors are whole numbers of the smallest unit of the
 * family, so that no factor carries an error of its own.
 */
const AMOUNTS = {
  ng: { family: 'mass', factor: 1 },
  mcg: { family: 'mass', factor: 1e3 },
  mg: { family: 'mass', factor: 1e6 },
  g: { family: 'mass', factor: 1e9 },
  milliunits: { family: 'units', factor: 1 },
  units: { family: 'units', factor: 1e3 },
  mEq: { family: 'equivalents', factor: 1 },
  mL: { family: 'volume', factor: 1 },
} as const;

export const AMOUNT_UNITS = Object.keys(AMOUNTS) as [AmountUnit, ...AmountUnit[]];
export type AmountUnit = keyof typeof AMOUNTS;
export type DoseUnit = `${AmountUnit}${'/kg' | ''}/${'h' | 'min'}`;

/** Two strengths that differ by less, relative to each other, are the same written differently. */
const SAME_STRENGTH = 1e-9;

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

/** The parts of the unit of an amount given at once, `mg` or `mg/kg`; `undefined` for a text that is none. */
export function parseAmountUnit(
  text: string,
): { readonly amountUnit: AmountUnit; readonly perKg: boolean } | undefined {
  const [amount = '', ...rest] = text.split('/');
  const perKg = rest.length === 1 && rest[0] === 'kg';
  if (!isAmountUnit(amount) || (rest.length > 0 && !perKg)) return undefined;
  return { amountUnit: amount, perKg };
}

/** Whether doses of this unit can be given from this concentration at all; volumes can from any, and from none. */
export function unitFits(concentration: Concentration | null, doseUnit: string): boolean {
  const unit = parseDoseUnit(doseUnit);
  return unit !== undefined && amountFits(concentration, unit.amountUnit);
}

/**
 * A dose or an amount in another unit, e.g. 1 mg/h as 1,000 mcg/h.
 *
 * @returns `undefined` where the two differ in more than size: by weight or not, in time or at once, of another family
 */
export function convertDose(value: number, from: string, to: string): number | undefined {
  if (from === to) return value;
  const [source, target] = [measureOf(from), measureOf(to)];
  if (source === undefined || target === undefined) return undefined;
  if (source.kind !== target.kind) return undefined;
  return (value * source.factor) / target.factor;
}

/** What a unit measures, and how many of the smallest such unit it is. */
function measureOf(text: string): { readonly kind: string; readonly factor: number } | undefined {
  const rate = parseDoseUnit(text);
  const unit = rate ?? parseAmountUnit(text);
  if (unit === undefined) return undefined;
  const { family, factor } = AMOUNTS[unit.amountUnit];
  return {
    kind: `${family}${unit.perKg ? '/kg' : ''}${rate === undefined ? '' : '/time'}`,
    factor: rate?.perMinute === true ? factor * 60 : factor,
  };
}

/** The same for the unit of an amount that is given at once. */
export function amountFits(concentration: Concentration | null, amountUnit: AmountUnit): boolean {
  return (
    amountUnit === 'mL' ||
    (concentration !== null && AMOUNTS[amountUnit].family === AMOUNTS[concentration.amountUnit].family)
  );
}

/** Whether both hold as much in a millilitre: 4 mg in 250 mL and 8,000 mcg in 500 mL do. */
export function isSameStrength(one: Concentration, other: Concentration): boolean {
  if (AMOUNTS[one.amountUnit].family !== AMOUNTS[other.amountUnit].family) return false;
  const left = one.amount * AMOUNTS[one.amountUnit].factor * other.volumeMl;
  const right = other.amount * AMOUNTS[other.amountUnit].factor * one.volumeMl;
  // Beyond all numbers everything would be the same.
  return Number.isFinite(left + right) && Math.abs(left - right) <= Math.max(left, right) * SAME_STRENGTH;
}

/**
 * The amount that a volume holds, in `unit`, such as `mg` or `mcg/kg`.
 *
 * @param weightKg `null` where it is not known; then a unit per kilogram gives `undefined`
 * @returns `undefined` where unit and concentration, or unit and weight, do not fit
 */
export function amountInVolume(
  volumeMl: number,
  concentration: Concentration | null,
  unit: string,
  weightKg: number | null,
): number | undefined {
  const parts = parseAmountUnit(unit);
  const ratio = parts === undefined ? undefined : amountRatio(concentration, parts, weightKg);
  return ratio === undefined ? undefined : (volumeMl * ratio.amount) / ratio.volume;
}

/** The volume in mL that holds an amount; `undefined` as for `amountInVolume`. */
export function volumeOfAmount(
  amount: number,
  concentration: Concentration | null,
  unit: string,
  weightKg: number | null,
): number | undefined {
  const parts = parseAmountUnit(unit);
  const ratio = parts === undefined ? undefined : amountRatio(concentration, parts, weightKg);
  return ratio === undefined ? undefined : (amount * ratio.volume) / ratio.amount;
}

/**
 * The dose that a rate gives, in `doseUnit`.
 *
 * @param concentration `null` where it is not known; then only a unit of volume gives a dose
 * @param weightKg `null` where it is not known; then a unit per kilogram gives `undefined`
 * @returns `undefined` where unit and concentration, or unit and weight, do not fit
 */
export function doseFromRate(
  rateMlPerH: number,
  concentration: Concentration | null,
  doseUnit: string,
  weightKg: number | null,
): number | undefined {
  const ratio = doseRatio(concentration, doseUnit, weightKg);
  return ratio === undefined ? undefined : (rateMlPerH * ratio.amount) / ratio.volume;
}

/** The rate in mL/h that gives a dose; `undefined` as for `doseFromRate`. */
export function rateFromDose(
  dose: number,
  concentration: Concentration | null,
  doseUnit: string,
  weightKg: number | null,
): number | undefined {
  const ratio = doseRatio(concentration, doseUnit, weightKg);
  return ratio === undefined ? undefined : (dose * ratio.volume) / ratio.amount;
}

/** So much of a unit is in so many millilitres; kept apart, so that a conversion divides only once. */
interface Ratio {
  readonly amount: number;
  readonly volume: number;
}

function doseRatio(
  concentration: Concentration | null,
  doseUnit: string,
  weightKg: number | null,
): Ratio | undefined {
  const unit = parseDoseUnit(doseUnit);
  const ratio = unit === undefined ? undefined : amountRatio(concentration, unit, weightKg);
  return ratio === undefined || unit?.perMinute !== true ? ratio : { ...ratio, volume: ratio.volume * 60 };
}

function amountRatio(
  concentration: Concentration | null,
  unit: { readonly amountUnit: AmountUnit; readonly perKg: boolean },
  weightKg: number | null,
): Ratio | undefined {
  if (!amountFits(concentration, unit.amountUnit)) return undefined;
  if (unit.perKg && !(weightKg !== null && weightKg > 0)) return undefined;
  const perKg = unit.perKg ? (weightKg ?? 1) : 1;
  if (unit.amountUnit === 'mL' || concentration === null) return { amount: 1, volume: perKg };
  return {
    amount: concentration.amount * AMOUNTS[concentration.amountUnit].factor,
    volume: concentration.volumeMl * AMOUNTS[unit.amountUnit].factor * perKg,
  };
}

function isAmountUnit(text: string): text is AmountUnit {
  return Object.hasOwn(AMOUNTS, text);
}

/** As a label and a display have it, e.g. `4 mg in 250 mL`. */
export function concentrationText({ amount, amountUnit, volumeMl }: Concentration): string {
  return `${amount} ${amountUnit} in ${volumeMl} mL`;
}
