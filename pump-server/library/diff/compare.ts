import {
  concentrationText,
  type DrugLibrary,
  type LibraryEntry,
} from '../../../protocol/drug-library/index.ts';
import { type Change, type Difference, textDifference } from './change.ts';
import { entryDifferences } from './entries.ts';
import { limitDifferences, maximumDifference } from './limits.ts';

/**
 * What is otherwise in a later library, of the library first and then drug by drug. Values are compared, not texts: 1 mg/h and
 * 1,000 mcg/h are no change of a limit. A drug that goes is loosened, since it can then run only outside the library, where
 * nothing limits its dose; one that comes is tightened, by whatever limits it brings.
 */
export function compareLibraries(before: DrugLibrary, after: DrugLibrary): readonly Change[] {
  const earlier = new Map(before.entries.map((entry) => [entry.drug, entry]));
  const later = new Map(after.entries.map((entry) => [entry.drug, entry]));
  const whole: readonly Difference[] = [
    ...textDifference('library', before.id, after.id),
    ...textDifference('care area', before.careArea, after.careArea, 'unclear'),
    ...textDifference('status', before.status, after.status),
    ...maximumDifference('maximum rate', 'mL/h', before.maximumRateMlPerH, after.maximumRateMlPerH),
    ...maximumDifference(
      'maximum rate to keep a vein open',
      'mL/h',
      before.maximumKeepVeinOpenMlPerH,
      after.maximumKeepVeinOpenMlPerH,
    ),
    ...maximumDifference('air limit', 'µL', before.airLimitMicroL, after.airLimitMicroL),
    ...limitDifferences(
      'weight: ',
      { limits: before.weightLimitsKg, unit: 'kg' },
      { limits: after.weightLimitsKg, unit: 'kg' },
    ),
  ];
  return [
    ...whole.map((difference) => ({ drug: null, ...difference })),
    ...before.entries.flatMap((entry): readonly Change[] => {
      const other = later.get(entry.drug);
      if (other === undefined) return [goneOrNew(entry, entryText(entry), null)];
      return entryDifferences(entry, other).map((difference) => ({ drug: entry.drug, ...difference }));
    }),
    ...after.entries
      .filter(({ drug }) => !earlier.has(drug))
      .map((entry) => goneOrNew(entry, null, entryText(entry))),
  ];
}

function goneOrNew({ drug }: LibraryEntry, before: string | null, after: string | null): Change {
  return { drug, what: 'drug', before, after, effect: after === null ? 'loosened' : 'tightened' };
}

/** A drug in one line: what it is given from, and how far. */
function entryText({ concentration, doseUnit, limits, rateLimitsMlPerH }: LibraryEntry): string {
  const range = (of: LibraryEntry['limits'], unit: string): readonly string[] => {
    const bounds = [of?.hardMin, of?.softMin, of?.softMax, of?.hardMax];
    if (bounds.every((bound) => bound === undefined)) return [];
    return [`${bounds.map((bound) => bound ?? '–').join(' / ')} ${unit}`];
  };
  return [
    concentrationText(concentration),
    ...range(limits, doseUnit),
    ...range(rateLimitsMlPerH, 'mL/h'),
  ].join(', ');
}
