import { z } from 'zod';
import { PumprangeError } from '../../protocol/index.ts';
import { AMOUNT_UNITS, parseDoseUnit, unitFits } from './dose.ts';

/** Every library says so, and so does every display that uses one. */
export const LIBRARY_BANNER = 'TRAINING, NOT FOR HUMAN USE';

const bound = z.number().nonnegative().optional();

/** Each bound may be missing: many drugs have no hard maximum, a realistic weakness. */
const limitsSchema = z
  .strictObject({ hardMin: bound, softMin: bound, softMax: bound, hardMax: bound })
  .refine(({ hardMin, softMin, softMax, hardMax }) => {
    const given = [hardMin, softMin, softMax, hardMax].filter((value) => value !== undefined);
    return given.every((value, index) => value >= (given[index - 1] ?? 0));
  }, 'the bounds are not in order: hardMin ≤ softMin ≤ softMax ≤ hardMax');

export type Limits = Readonly<z.infer<typeof limitsSchema>>;

const entrySchema = z
  .strictObject({
    drug: z.string().min(1).max(64),
    concentration: z.strictObject({
      amount: z.number().positive(),
      amountUnit: z.enum(AMOUNT_UNITS),
      volumeMl: z.number().positive(),
    }),
    doseUnit: z.string().refine((text) => parseDoseUnit(text) !== undefined, 'not a dose unit'),
    /** In `doseUnit`. Limits per kilogram need a weight; without one only `rateLimitsMlPerH` holds. */
    limits: limitsSchema.optional(),
    rateLimitsMlPerH: limitsSchema.optional(),
    /** The largest bolus; absent: no bolus of this drug. */
    bolusMaxMl: z.number().positive().optional(),
  })
  .refine((entry) => entry.limits !== undefined || entry.rateLimitsMlPerH !== undefined, 'no limits at all')
  .refine((entry) => unitFits(entry.concentration, entry.doseUnit), 'dose unit and concentration do not fit');

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
  entries: z
    .array(entrySchema)
    .min(1)
    .max(10_000)
    .refine((list) => new Set(list.map((entry) => entry.drug)).size === list.length, 'a drug is there twice'),
});

export type DrugLibrary = Readonly<z.infer<typeof drugLibrarySchema>>;

/** A library, or where and why the bytes are none. Any bytes are fine as input. */
export function readLibrary(
  bytes: Uint8Array,
): { readonly library: DrugLibrary } | { readonly library: null; readonly reason: string } {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    return { library: null, reason: `not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = drugLibrarySchema.safeParse(data);
  if (parsed.success) return { library: parsed.data };
  const issue = parsed.error.issues[0];
  return { library: null, reason: `${issue?.path.join('.') || 'library'}: ${issue?.message}` };
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

/** The entry of a drug, or `undefined`. */
export function entryOf(library: DrugLibrary, drug: string): LibraryEntry | undefined {
  return library.entries.find((entry) => entry.drug === drug);
}
