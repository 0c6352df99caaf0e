import { z } from 'zod';
import { PumprangeError } from '../errors.ts';
import { shortText } from '../short-text.ts';
import {
  AMOUNT_UNITS,
  amountFits,
  type Concentration,
  isSameStrength,
  parseAmountUnit,
  parseDoseUnit,
  unitFits,
} from './dose.ts';

/** Every library says so, and so does every display that uses one. */
export const LIBRARY_BANNER = 'TRAINING, NOT FOR HUMAN USE';

/** What a library can have wrong beyond the types of its members; whoever authors one is told more of it. */
export type LibraryFault =
  | 'bounds-order'
  | 'no-limits'
  | 'units'
  | 'duplicate-concentration'
  | 'duplicate-drug';

function because(fault: LibraryFault, message: string): { message: string; params: { fault: LibraryFault } } {
  return { message, params: { fault } };
}

const bound = z.number().nonnegative().optional();

/** Each bound may be missing: many drugs have no hard maximum, a realistic weakness. */
const limitsSchema = z
  .strictObject({ hardMin: bound, softMin: bound, softMax: bound, hardMax: bound })
  .refine(
    ({ hardMin, softMin, softMax, hardMax }) => {
      const given = [hardMin, softMin, softMax, hardMax].filter((value) => value !== undefined);
      return given.every((value, index) => value >= (given[index - 1] ?? 0));
    },
    because('bounds-order', 'the bounds are not in order: hardMin ≤ softMin ≤ softMax ≤ hardMax'),
  );

export type Limits = Readonly<z.infer<typeof limitsSchema>>;

const concentrationSchema = z.strictObject({
  amount: z.number().positive(),
  amountUnit: z.enum(AMOUNT_UNITS),
  volumeMl: z.number().positive(),
});

/** What may be given at once: `unit` is an amount, or an amount per kilogram. */
const bolusLimitsSchema = z.strictObject({
  unit: z
    .string()
    .refine((text) => parseAmountUnit(text) !== undefined, 'not an amount, such as mg or mcg/kg'),
  limits: limitsSchema,
});

/**
 * Patient-controlled analgesia, in amounts of `amountUnit`. `accumulated` is for what is allowed within
 * `accumulatedWindowHours`, 4 where nothing is said; a pump that is set to a shorter window allows more in that time, and is
 * judged by that.
 */
const pcaLimitsSchema = z.strictObject({
  amountUnit: z.enum(AMOUNT_UNITS),
  demand: limitsSchema.optional(),
  lockoutMinutes: limitsSchema.optional(),
  continuousPerH: limitsSchema.optional(),
  accumulated: limitsSchema.optional(),
  accumulatedWindowHours: z.literal([1, 2, 4]).optional(),
});

/**
 * What is not seen on a display, or changes what is seen of others: control, format and unassigned characters, halves of characters, all
 * that renderers leave out, and any blank but one plain one between words.
 */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}]|(?! )[\p{Z}]|^ | $| {2}/u;

const entrySchema = z
  .strictObject({
    /** Two names that look the same would be two drugs; letters of other scripts that look the same still are. */
    drug: z
      .string()
      .min(1)
      .max(64)
      .refine((name) => !UNSEEN.test(name), 'characters that are not seen, or blanks around it'),
    /** The usual one. */
    concentration: concentrationSchema,
    /** What else is at hand. */
    otherConcentrations: z.array(concentrationSchema).min(1).max(16).optional(),
    doseUnit: z.string().refine((text) => parseDoseUnit(text) !== undefined, 'not a dose unit'),
    /** In `doseUnit`. Limits per kilogram need a weight: without one no hard limit of them can be kept, and nothing runs. */
    limits: limitsSchema.optional(),
    rateLimitsMlPerH: limitsSchema.optional(),
    /** How long an infusion of it takes: some may not be given fast, however little it is. */
    durationLimitsMinutes: limitsSchema.optional(),
    weightLimitsKg: limitsSchema.optional(),
    /** The largest bolus; without this and `bolusLimits`: no bolus of this drug. */
    bolusMaxMl: z.number().positive().optional(),
    bolusLimits: bolusLimitsSchema.optional(),
    /** The largest loading dose; absent: none of this drug. */
    loadingMaxMl: z.number().positive().optional(),
    pca: pcaLimitsSchema.optional(),
  })
  .refine(
    (entry) => hasBound(entry.limits) || hasBound(entry.rateLimitsMlPerH),
    because('no-limits', 'no limits at all'),
  )
  .refine(
    (entry) => concentrationsOf(entry).every((concentration) => unitFits(concentration, entry.doseUnit)),
    because('units', 'dose unit and concentration do not fit'),
  )
  .refine(
    ({ bolusLimits, pca, ...entry }) =>
      [bolusLimits === undefined ? undefined : parseAmountUnit(bolusLimits.unit)?.amountUnit, pca?.amountUnit]
        .filter((unit) => unit !== undefined)
        .every((unit) => concentrationsOf(entry).every((concentration) => amountFits(concentration, unit))),
    because('units', 'the unit of the bolus or of PCA and the concentration do not fit'),
  )
  .refine(
    (entry) => {
      const all = concentrationsOf(entry);
      return all.every((one, index) => all.findIndex((other) => isSameStrength(one, other)) === index);
    },
    because('duplicate-concentration', 'a concentration is there twice'),
  );

export type LibraryEntry = Readonly<z.infer<typeof entrySchema>>;

/** A drug library as its file has it. */
export const drugLibrarySchema = z.strictObject({
  $schema: z.string().optional(),
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'not major.minor.patch'),
  /** Counts up with each release for a care area. */
  sequence: z.int().positive(),
  careArea: z.string().min(1).max(64),
  status: z.enum(['draft', 'approved', 'released']),
  banner: z.literal(LIBRARY_BANNER),
  /** No programme of this care area goes above it, whatever the drug. */
  maximumRateMlPerH: z.number().positive().optional(),
  /** Nothing keeps a vein open faster here, whatever the pump is set to. */
  maximumKeepVeinOpenMlPerH: z.number().nonnegative().max(20).optional(),
  /** An air bubble of this size alarms here, even where the pump is set to a larger one. */
  airLimitMicroL: z.number().min(50).max(250).optional(),
  /** What patients of this care area weigh. */
  weightLimitsKg: limitsSchema.optional(),
  entries: z
    .array(entrySchema)
    .min(1)
    .max(10_000)
    .refine(
      (list) => new Set(list.map((entry) => entry.drug)).size === list.length,
      because('duplicate-drug', 'a drug is there twice'),
    ),
});

export type DrugLibrary = Readonly<z.infer<typeof drugLibrarySchema>>;

/** A library, or where and why the bytes are none, in few words. Any bytes are fine as input. */
export function readLibrary(
  bytes: Uint8Array,
): { readonly library: DrugLibrary } | { readonly library: null; readonly reason: string } {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { library: null, reason: shortText(`not JSON: ${why}`) };
  }
  const parsed = drugLibrarySchema.safeParse(data);
  if (parsed.success) return { library: parsed.data };
  const issue = parsed.error.issues[0];
  return { library: null, reason: shortText(`${issue?.path.join('.') || 'library'}: ${issue?.message}`) };
}

/**
 * The same for a file that ought to be one.
 *
 * @param place names the bytes in the error, e.g. their path
 * @throws PumprangeError `PR_LIBRARY_INVALID`
 */
export function parseLibrary(bytes: Uint8Array, place: string): DrugLibrary {
  const read = readLibrary(bytes);
  if (read.library === null) throw new PumprangeError('PR_LIBRARY_INVALID', `${place}: ${read.reason}`);
  return read.library;
}

function hasBound(limits: Limits | undefined): boolean {
  return limits !== undefined && Object.values(limits).some((value) => value !== undefined);
}

/** The entry of a drug, or `undefined`. */
export function entryOf(library: DrugLibrary, drug: string): LibraryEntry | undefined {
  return library.entries.find((entry) => entry.drug === drug);
}

/** What an entry can be given from, the usual concentration first. */
export function concentrationsOf(entry: {
  readonly concentration: Concentration;
  readonly otherConcentrations?: readonly Concentration[] | undefined;
}): readonly Concentration[] {
  return [entry.concentration, ...(entry.otherConcentrations ?? [])];
}
