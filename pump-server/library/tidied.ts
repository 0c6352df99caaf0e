import type { DrugLibrary, Limits } from '../../protocol/drug-library/index.ts';

/** A library as it is released: without the name of its schema, and without limits that have no bound and so say nothing. */
export function tidied({ $schema: _, ...library }: DrugLibrary): DrugLibrary {
  return {
    ...kept(library, 'weightLimitsKg'),
    entries: library.entries.map((entry) => {
      const tidy = kept(entry, 'limits', 'rateLimitsMlPerH', 'durationLimitsMinutes', 'weightLimitsKg');
      if (tidy.pca === undefined) return tidy;
      return { ...tidy, pca: kept(tidy.pca, 'demand', 'lockoutMinutes', 'continuousPerH', 'accumulated') };
    }),
  };
}

/** Without those of the named members that are limits without a bound. */
function kept<Name extends string, T extends { readonly [name in Name]?: Limits | undefined }>(
  value: T,
  ...names: readonly Name[]
): T {
  const empty = names.filter((name) => {
    const limits = value[name];
    return limits !== undefined && Object.values(limits).every((bound) => bound === undefined);
  });
  if (empty.length === 0) return value;
  const copy = { ...value };
  for (const name of empty) delete copy[name];
  return copy;
}
