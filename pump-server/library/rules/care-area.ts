import { closest, distance } from 'fastest-levenshtein';
import type { DrugLibrary } from '../../../protocol/drug-library/index.ts';
import { isId } from '../../../protocol/index.ts';
import type { Remark } from '../findings.ts';
import { quoted } from '../quoted.ts';

const KNOWN = ['adult-icu', 'adult-ward', 'paediatrics', 'nursery', 'outpatient'] as const;

/** The care area has to be a level of a topic, and had better be one that the pumps are in. */
export function careAreaName({ careArea }: DrugLibrary): readonly Remark[] {
  const path = ['careArea'];
  if (!isId(careArea)) {
    return [
      { rule: 'care-area-name', path, message: `${quoted(careArea)} cannot be the name of a care area` },
    ];
  }
  if (KNOWN.some((name) => name === careArea)) return [];
  const near = closest(careArea.toLowerCase(), [...KNOWN]);
  const meant =
    distance(careArea.toLowerCase(), near) <= 3 ? `; "${near}"?` : `; known are ${KNOWN.join(', ')}`;
  return [{ rule: 'care-area-unknown', path, message: `no care area is called ${quoted(careArea)}${meant}` }];
}

/** Hard limits of the rate above what the care area allows at all say something that never holds. */
export function aboveCareArea({ careArea, maximumRateMlPerH, entries }: DrugLibrary): readonly Remark[] {
  if (maximumRateMlPerH === undefined) return [];
  return entries.flatMap(({ drug, rateLimitsMlPerH }, index) =>
    (['softMax', 'hardMax'] as const).flatMap((bound): readonly Remark[] => {
      const value = rateLimitsMlPerH?.[bound];
      if (value === undefined || value <= maximumRateMlPerH) return [];
      const message = `${quoted(drug)}: ${value} mL/h, and ${careArea} allows at most ${maximumRateMlPerH} mL/h`;
      return [{ rule: 'above-care-area', path: ['entries', index, 'rateLimitsMlPerH', bound], message }];
    }),
  );
}

/** What libraries of real hospitals allow newborns at most; not figures of a standard. */
const NURSERY_CAPS = [
  { member: 'maximumRateMlPerH', most: 25, words: 'the maximum rate', unit: 'mL/h' },
  { member: 'maximumKeepVeinOpenMlPerH', most: 2, words: 'the rate that keeps a vein open', unit: 'mL/h' },
  { member: 'airLimitMicroL', most: 50, words: 'the air limit', unit: 'µL' },
] as const;

export function nurseryCaps(library: DrugLibrary): readonly Remark[] {
  if (!/nursery|neonat|nicu|newborn/i.test(library.careArea)) return [];
  return NURSERY_CAPS.flatMap(({ member, most, words, unit }): readonly Remark[] => {
    const value = library[member];
    if (value !== undefined && value <= most) return [];
    const message = `${library.careArea}: ${words} is ${value === undefined ? 'not limited' : `${value} ${unit}`}, and may be ${most} ${unit}`;
    return [{ rule: 'nursery-caps', path: [member], message }];
  });
}
