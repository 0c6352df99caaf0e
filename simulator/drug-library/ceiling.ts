import { convertDose, type DrugLibrary, type LibraryEntry } from '../../protocol/drug-library/index.ts';
import { isEffective, type WeaknessId } from '../../protocol/firmware/index.ts';
import { type ControlId, drugKey, type Identity, type LibraryCeiling } from '../../protocol/index.ts';

/** What protects this pump: the posture, as far as the running firmware can do it. */
interface Protection {
  readonly controls: ReadonlySet<ControlId>;
  readonly weaknesses: readonly WeaknessId[];
}

export interface OfferedCeiling extends Protection {
  readonly ceiling: LibraryCeiling;
  /** Who signed it, each signature already verified. */
  readonly signers: readonly { readonly identity: Identity }[];
  readonly careArea: string;
  /** Of the ceiling that the pump has; `null` without one. */
  readonly sequence: number | null;
  readonly nowMs: number;
}

export interface CeilingRefusal {
  readonly accepted: false;
  /** `null` where the ceiling is simply not for this pump. */
  readonly control: 'library-ceiling' | null;
  readonly reason: string;
}

/** Whether the pump looks for a ceiling at all. */
export function knowsCeilings({ controls, weaknesses }: Protection): boolean {
  return isEffective('library-ceiling', controls, weaknesses);
}

/** Judges a ceiling that a pump is offered. Without the control there is nobody to judge it, and the pump does not take it. */
export function acceptCeiling(offer: OfferedCeiling): { readonly accepted: true } | CeilingRefusal {
  const { ceiling, careArea, sequence } = offer;
  const refuse = (reason: string): CeilingRefusal => ({
    accepted: false,
    control: 'library-ceiling',
    reason,
  });
  if (!knowsCeilings(offer)) {
    return { accepted: false, control: null, reason: 'this pump goes by no ceiling' };
  }
  if (!ceiling.careAreas.includes(careArea)) {
    const areas = ceiling.careAreas.join(', ');
    return { accepted: false, control: null, reason: `for ${areas}, this pump is in ${careArea}` };
  }
  // Whoever approves libraries, or transfers them, has no say in what stands above them.
  if (!offer.signers.some(({ identity }) => identity.kind === 'clinical-engineer')) {
    return refuse('no valid signature of clinical engineering');
  }
  if (Date.parse(ceiling.notAfter) <= offer.nowMs)
    return refuse(`the ceiling expired at ${ceiling.notAfter}`);
  if (sequence !== null && ceiling.sequence <= sequence) {
    return refuse(`sequence ${ceiling.sequence} is not after ${sequence}`);
  }
  return { accepted: true };
}

/** Each limit of a library that goes beyond a ceiling, in plain words; none where the library keeps within it. */
export function beyondCeiling(library: DrugLibrary, ceiling: LibraryCeiling): readonly string[] {
  const limits = new Map<string, LibraryCeiling['limits']>();
  for (const limit of ceiling.limits) {
    const key = drugKey(limit.drug);
    limits.set(key, [...(limits.get(key) ?? []), limit]);
  }
  return library.entries.flatMap((entry) =>
    (limits.get(drugKey(entry.drug)) ?? []).flatMap((limit) => beyond(entry, limit) ?? []),
  );
}

function beyond(entry: LibraryEntry, limit: LibraryCeiling['limits'][number]): string | undefined {
  const { drug, doseUnit, limits } = entry;
  const ceiling = `the ceiling is ${limit.hardMax} ${limit.doseUnit}`;
  const hardMax = limits?.hardMax;
  if (hardMax === undefined) return `${drug} has no hard maximum, ${ceiling}`;
  const converted = convertDose(hardMax, doseUnit, limit.doseUnit);
  const given = `the hard maximum of ${drug} is ${hardMax} ${doseUnit}`;
  if (converted === undefined) return `${given}, which cannot be compared: ${ceiling}`;
  // What a conversion adds in the last bits is no other dose.
  if (converted <= limit.hardMax * (1 + 1e-9)) return undefined;
  const same = doseUnit === limit.doseUnit ? '' : ` (${Number(converted.toPrecision(6))} ${limit.doseUnit})`;
  return `${given}${same}, ${ceiling}`;
}

/**
 * The same library with no hard maximum above the ceiling. Of a unit that cannot be compared nothing is changed.
 */
export function cappedByCeiling(library: DrugLibrary, ceiling: LibraryCeiling): DrugLibrary {
  const entries = library.entries.map((entry) => {
    let kept = entry;
    for (const limit of ceiling.limits) {
      if (drugKey(limit.drug) === drugKey(entry.drug)) kept = capped(kept, limit);
    }
    return kept;
  });
  return { ...library, entries };
}

function capped(entry: LibraryEntry, limit: LibraryCeiling['limits'][number]): LibraryEntry {
  const hardMax = convertDose(limit.hardMax, limit.doseUnit, entry.doseUnit);
  if (hardMax === undefined || beyond(entry, limit) === undefined) return entry;
  const { softMax, ...limits } = entry.limits ?? {};
  const soft = softMax === undefined ? {} : { softMax: Math.min(softMax, hardMax) };
  return { ...entry, limits: { ...limits, ...soft, hardMax } };
}

/**
 * Why a pump does not take a library, or lets go of one that waits; `undefined`: nothing speaks against it. The one place of
 * `library-ceiling`. A pump that looks for a ceiling and knows none takes no library: nobody has said what must never be exceeded here,
 * and what it has goes on.
 */
export function ruledOutByCeiling(
  library: DrugLibrary,
  ceiling: LibraryCeiling | null,
  protection: Protection,
): string | undefined {
  const reason = againstCeiling(library, ceiling);
  // Asked only where it would refuse: where nobody asked, nothing would be otherwise without it.
  return reason !== undefined && knowsCeilings(protection) ? reason : undefined;
}

function againstCeiling(library: DrugLibrary, ceiling: LibraryCeiling | null): string | undefined {
  if (ceiling === null) return 'this pump has no ceiling from clinical engineering yet';
  const [first, ...more] = beyondCeiling(library, ceiling);
  return first === undefined || more.length === 0 ? first : `${first}; and ${more.length} more beyond it`;
}
