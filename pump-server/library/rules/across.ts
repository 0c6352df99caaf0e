import {
  concentrationText,
  convertDose,
  type DrugLibrary,
  type LibraryEntry,
} from '../../../protocol/drug-library/index.ts';
import type { Remark } from '../findings.ts';
import { quoted } from '../quoted.ts';
import { slipBetween } from './strengths.ts';

/** A remark on one of several libraries. */
export interface RemarkOn {
  /** Which of them, from 0. */
  readonly library: number;
  readonly remark: Remark;
}

/** Care areas differ; so much is more often a slip. */
const FAR_OFF = 10;
/** A pump holds no more, as vendors have it. */
const MOST_PROFILES = 30;

/** The same drug in several libraries: limits far off each other, strengths that a slip would make. Each against the first. */
export function careAreasDiffer(libraries: readonly DrugLibrary[]): readonly RemarkOn[] {
  const first = new Map<string, { readonly entry: LibraryEntry; readonly careArea: string }>();
  return libraries.flatMap(({ careArea, entries }, library) =>
    entries.flatMap((entry, index): readonly RemarkOn[] => {
      const name = entry.drug.toLowerCase();
      const other = first.get(name);
      if (other === undefined) {
        first.set(name, { entry, careArea });
        return [];
      }
      const remarks = [...limitsApart(entry, index, other), ...strengthsApart(entry, index, other)];
      return remarks.map((remark) => ({ library, remark }));
    }),
  );
}

type Other = { readonly entry: LibraryEntry; readonly careArea: string };

function limitsApart(entry: LibraryEntry, index: number, other: Other): readonly Remark[] {
  return (['softMax', 'hardMax'] as const).flatMap((bound): readonly Remark[] => {
    const [here, there] = [entry.limits?.[bound], other.entry.limits?.[bound]];
    if (here === undefined || there === undefined) return [];
    const thereInOurs = convertDose(there, other.entry.doseUnit, entry.doseUnit);
    if (thereInOurs === undefined || here === 0 || thereInOurs === 0) return [];
    const ratio = Math.max(here / thereInOurs, thereInOurs / here);
    if (ratio < FAR_OFF) return [];
    const message = `${quoted(entry.drug)}: ${here} ${entry.doseUnit}, and ${there} ${other.entry.doseUnit} in ${other.careArea}: ${Number(ratio.toPrecision(3))} times apart`;
    return [{ rule: 'care-areas-differ', path: ['entries', index, 'limits', bound], message }];
  });
}

function strengthsApart(entry: LibraryEntry, index: number, other: Other): readonly Remark[] {
  const slip = slipBetween(entry.concentration, other.entry.concentration);
  if (slip === undefined) return [];
  const message = `${quoted(entry.drug)}: ${concentrationText(entry.concentration)}, and ${concentrationText(other.entry.concentration)} in ${other.careArea}: ${slip} times apart`;
  return [{ rule: 'strength-slip', path: ['entries', index, 'concentration'], message }];
}

/** More libraries than a pump has profiles. */
export function tooManyProfiles(libraries: readonly DrugLibrary[]): readonly RemarkOn[] {
  const areas = new Set(libraries.map(({ careArea }) => careArea));
  if (areas.size <= MOST_PROFILES) return [];
  const message = `${areas.size} care areas, and pumps hold ${MOST_PROFILES} profiles`;
  return [{ library: libraries.length - 1, remark: { rule: 'too-many', path: ['careArea'], message } }];
}
