import {
  type Concentration,
  concentrationsOf,
  concentrationText,
  convertDose,
  isSameStrength,
  type LibraryEntry,
} from '../../../protocol/drug-library/index.ts';
import { type Difference, type Effect, textDifference } from './change.ts';
import { limitDifferences, maximumDifference } from './limits.ts';

/** What a pump may hold against a drug, in the order of a display. */
export function entryDifferences(before: LibraryEntry, after: LibraryEntry): readonly Difference[] {
  const comparable = convertDose(1, before.doseUnit, after.doseUnit) !== undefined;
  return [
    ...concentrationDifferences(before, after),
    ...textDifference('dose unit', before.doseUnit, after.doseUnit, comparable ? 'none' : 'unclear'),
    ...limitDifferences(
      '',
      { limits: before.limits, unit: before.doseUnit },
      { limits: after.limits, unit: after.doseUnit },
    ),
    ...inUnit('rate: ', 'mL/h', before.rateLimitsMlPerH, after.rateLimitsMlPerH),
    ...inUnit('duration: ', 'min', before.durationLimitsMinutes, after.durationLimitsMinutes),
    ...inUnit('weight: ', 'kg', before.weightLimitsKg, after.weightLimitsKg),
    ...bolusDifferences(before, after),
    ...allowance('loading dose: maximum', before.loadingMaxMl, after.loadingMaxMl),
    ...pcaDifferences(before.pca, after.pca),
  ];
}

function inUnit(
  what: string,
  unit: string,
  before: LibraryEntry['limits'],
  after: LibraryEntry['limits'],
): readonly Difference[] {
  return limitDifferences(what, { limits: before, unit }, { limits: after, unit });
}

/**
 * A strength above all that there were puts more of the drug into each millilitre: limits in mL and mL/h then allow more of it. Any
 * other is a choice among known ones.
 */
function concentrationDifferences(before: LibraryEntry, after: LibraryEntry): readonly Difference[] {
  const [earlier, later] = [concentrationsOf(before), concentrationsOf(after)];
  const gone = earlier.filter((one) => !later.some((other) => isSameStrength(one, other)));
  const added = later.filter((one) => !earlier.some((other) => isSameStrength(one, other)));
  const [usualBefore, usualAfter] = [before.concentration, after.concentration];
  return [
    ...(isSameStrength(usualBefore, usualAfter)
      ? []
      : textDifference('usual concentration', concentrationText(usualBefore), concentrationText(usualAfter))),
    ...gone.flatMap((one) =>
      textDifference(
        'concentration',
        concentrationText(one),
        null,
        effectOfStrength(one, later, 'tightened'),
      ),
    ),
    ...added.flatMap((one) =>
      textDifference(
        'concentration',
        null,
        concentrationText(one),
        effectOfStrength(one, earlier, 'loosened'),
      ),
    ),
  ];
}

function effectOfStrength(one: Concentration, others: readonly Concentration[], ifStrongest: Effect): Effect {
  const stronger = others.map((other) => {
    const amount = convertDose(one.amount, one.amountUnit, other.amountUnit);
    return amount === undefined ? undefined : amount / one.volumeMl > other.amount / other.volumeMl;
  });
  if (stronger.includes(undefined)) return 'unclear';
  return stronger.every((is) => is) ? ifStrongest : 'none';
}

/** A drug with neither kind of limit has no bolus at all. */
function bolusDifferences(before: LibraryEntry, after: LibraryEntry): readonly Difference[] {
  const [had, has] = [allowsBolus(before), allowsBolus(after)];
  if (had !== has)
    return textDifference(
      'bolus',
      had ? bolusText(before) : null,
      has ? bolusText(after) : null,
      has ? 'loosened' : 'tightened',
    );
  return [
    ...maximumDifference('bolus: maximum', 'mL', before.bolusMaxMl, after.bolusMaxMl),
    ...limitDifferences('bolus: ', measuredBolus(before, after), measuredBolus(after, before)),
  ];
}

function allowsBolus({ bolusMaxMl, bolusLimits }: LibraryEntry): boolean {
  return bolusMaxMl !== undefined || bolusLimits !== undefined;
}

function measuredBolus(entry: LibraryEntry, other: LibraryEntry): Parameters<typeof limitDifferences>[1] {
  const unit = entry.bolusLimits?.unit ?? other.bolusLimits?.unit ?? 'mL';
  return { limits: entry.bolusLimits?.limits, unit };
}

function bolusText({ bolusMaxMl, bolusLimits }: LibraryEntry): string {
  const amounts =
    bolusLimits === undefined
      ? []
      : [`${bolusLimits.limits.hardMax ?? bolusLimits.limits.softMax ?? 'any'} ${bolusLimits.unit}`];
  return `up to ${[...(bolusMaxMl === undefined ? [] : [`${bolusMaxMl} mL`]), ...amounts].join(' and ')}`;
}

/** A maximum whose absence means none at all. */
function allowance(
  what: string,
  before: number | undefined,
  after: number | undefined,
): readonly Difference[] {
  if (before !== undefined && after !== undefined) return maximumDifference(what, 'mL', before, after);
  if (before === after) return [];
  const text = (value: number | undefined): string | null => (value === undefined ? null : `${value} mL`);
  return textDifference(what, text(before), text(after), before === undefined ? 'loosened' : 'tightened');
}

type Pca = LibraryEntry['pca'];
/** Of a limit on what accumulates, where the library says nothing. */
const LONGEST_WINDOW_H = 4;

function pcaDifferences(before: Pca, after: Pca): readonly Difference[] {
  if (before === undefined || after === undefined) {
    const text = (pca: Pca): string | null => (pca === undefined ? null : `allowed, in ${pca.amountUnit}`);
    return textDifference('PCA', text(before), text(after), before === undefined ? 'loosened' : 'tightened');
  }
  const [unit, unitAfter] = [before.amountUnit, after.amountUnit];
  const parts = [
    ['PCA demand: ', before.demand, after.demand, ''],
    ['PCA continuous: ', before.continuousPerH, after.continuousPerH, '/h'],
    ['PCA accumulated: ', before.accumulated, after.accumulated, ''],
  ] as const;
  return [
    ...inUnit('PCA lockout: ', 'min', before.lockoutMinutes, after.lockoutMinutes),
    ...parts.flatMap(([what, earlier, later, time]) =>
      limitDifferences(
        what,
        { limits: earlier, unit: unit + time },
        { limits: later, unit: unitAfter + time },
      ),
    ),
    ...windowDifference(before, after),
  ];
}

/** The same amount in a shorter time is more. */
function windowDifference(before: NonNullable<Pca>, after: NonNullable<Pca>): readonly Difference[] {
  const hours = (pca: NonNullable<Pca>): number => pca.accumulatedWindowHours ?? LONGEST_WINDOW_H;
  const [earlier, later] = [hours(before), hours(after)];
  const limited = before.accumulated !== undefined && after.accumulated !== undefined;
  const effect = !limited || earlier === later ? 'none' : later < earlier ? 'loosened' : 'tightened';
  return textDifference('PCA accumulated: window', `${earlier} h`, `${later} h`, effect);
}
