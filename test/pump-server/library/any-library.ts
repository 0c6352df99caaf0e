import fc from 'fast-check';
import { AMOUNT_UNITS, type DrugLibrary, drugLibrarySchema } from '../../../protocol/drug-library/index.ts';
import { tidied } from '../../../pump-server/library/tidied.ts';

const anyNumber = fc.oneof(
  fc.integer({ min: 1, max: 2_000_000 }),
  fc.double({ min: 1e-9, max: 1e12, noNaN: true }),
  fc.constantFrom(0.1, 1.5, 25_000, 1e21, 1e-7),
);

const anyLimits = fc
  .tuple(fc.array(fc.oneof(fc.constant(0), anyNumber), { minLength: 4, maxLength: 4 }), fc.nat(15))
  .map(([values, chosen]) => {
    const [hardMin, softMin, softMax, hardMax] = values.toSorted((a, b) => a - b);
    const bounds = Object.entries({ hardMin, softMin, softMax, hardMax });
    return Object.fromEntries(bounds.filter((_, index) => (chosen >> index) & 1));
  });

/** Whatever can stand in a cell and on a display. */
const anyName = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
    fc.string({ unit: fc.constantFrom(...'ab"\',;= 1.%'), minLength: 1, maxLength: 12 }),
  )
  .map((name) => name.trim())
  .filter((name) => drugLibrarySchema.shape.entries.element.shape.drug.safeParse(name).success);

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const anyEntry = fc
  .record({
    drug: anyName,
    concentration: fc.record({
      amount: anyNumber,
      amountUnit: fc.constantFrom(...AMOUNT_UNITS),
      volumeMl: anyNumber,
    }),
    otherVolumes: fc.uniqueArray(fc.integer({ min: 2, max: 50 }), { maxLength: 3 }),
    time: fc.constantFrom('/h', '/min', '/kg/h', '/kg/min'),
    limits: anyLimits,
    rateLimitsMlPerH: anyLimits,
    durationLimitsMinutes: optional(anyLimits),
    weightLimitsKg: optional(anyLimits),
    bolusMaxMl: optional(anyNumber),
    bolus: optional(anyLimits),
    loadingMaxMl: optional(anyNumber),
    pca: optional(
      fc.record({
        demand: optional(anyLimits),
        lockoutMinutes: optional(anyLimits),
        continuousPerH: optional(anyLimits),
        accumulated: optional(anyLimits),
        accumulatedWindowHours: optional(fc.constantFrom(1, 2, 4)),
      }),
    ),
  })
  .map(({ otherVolumes, time, bolus, pca, ...entry }) => {
    const { amount, amountUnit, volumeMl } = entry.concentration;
    const others = otherVolumes.map((times) => ({ amount, amountUnit, volumeMl: volumeMl * times }));
    return {
      ...entry,
      ...(others.length === 0 ? {} : { otherConcentrations: others }),
      doseUnit: `${amountUnit}${time}`,
      ...(bolus === undefined ? {} : { bolusLimits: { unit: amountUnit, limits: bolus } }),
      ...(pca === undefined ? {} : { pca: { amountUnit, ...pca } }),
    };
  });

/** Any library that follows the schema, as it is released. */
export const anyLibrary: fc.Arbitrary<DrugLibrary> = fc
  .record({
    id: fc.constantFrom('a', 'adult-icu'),
    version: fc.constantFrom('1.0.0', '0.10.3'),
    sequence: fc.integer({ min: 1, max: 1_000_000 }),
    careArea: fc.constantFrom('adult-icu', 'adult-ward'),
    status: fc.constantFrom('draft', 'approved', 'released'),
    banner: fc.constant('TRAINING, NOT FOR HUMAN USE'),
    maximumRateMlPerH: optional(anyNumber),
    maximumKeepVeinOpenMlPerH: optional(fc.double({ min: 0, max: 20, noNaN: true })),
    airLimitMicroL: optional(fc.integer({ min: 50, max: 250 })),
    weightLimitsKg: optional(anyLimits),
    entries: fc.uniqueArray(anyEntry, { minLength: 1, maxLength: 6, selector: ({ drug }) => drug }),
  })
  .map((library) => drugLibrarySchema.safeParse(JSON.parse(JSON.stringify(library))))
  .filter((parsed) => parsed.success)
  .map(({ data }) => tidied(data!));
