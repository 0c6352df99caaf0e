import { z } from 'zod';
import { drugLibrarySchema, LIBRARY_BANNER } from '../../protocol/drug-library/index.ts';
import { type Change, EFFECTS } from './diff/change.ts';
import type { Examination } from './examine.ts';
import { LIBRARY_RULE_IDS } from './findings.ts';

const findingSchema = z.strictObject({
  rule: z.enum(LIBRARY_RULE_IDS),
  severity: z.enum(['error', 'warning']),
  line: z.int().positive(),
  /** Of the sheet in a CSV file, of the character in a JSON file. */
  column: z.int().positive(),
  /** As a spreadsheet names it; `null` in a JSON file. */
  cell: z.string().nullable(),
  /** E.g. `entries[3].limits.hardMax`; empty where no member is meant. */
  member: z.string(),
  message: z.string(),
  wayOut: z.string(),
});

const librarySchema = z.strictObject({
  id: z.string(),
  version: z.string(),
  sequence: z.int().positive(),
  careArea: z.string(),
  status: drugLibrarySchema.shape.status,
  drugs: z.int().positive(),
});

/** What `library check --json` prints. */
const checkReportSchema = z.strictObject({
  version: z.literal(1),
  banner: z.literal(LIBRARY_BANNER),
  errors: z.int().nonnegative(),
  warnings: z.int().nonnegative(),
  files: z.array(
    z.strictObject({
      file: z.string(),
      /** `null`: refused. */
      library: librarySchema.nullable(),
      findings: z.array(findingSchema),
    }),
  ),
});
export type CheckReport = Readonly<z.infer<typeof checkReportSchema>>;

const sideSchema = z.strictObject({ file: z.string(), ...librarySchema.shape });

/** What `library diff --json` prints. */
const diffReportSchema = z.strictObject({
  version: z.literal(1),
  banner: z.literal(LIBRARY_BANNER),
  before: sideSchema,
  after: sideSchema,
  loosened: z.int().nonnegative(),
  tightened: z.int().nonnegative(),
  /** Changes that cannot be compared: somebody has to look. */
  unclear: z.int().nonnegative(),
  changes: z.array(
    z.strictObject({
      /** `null`: the library as a whole. */
      drug: z.string().nullable(),
      what: z.string(),
      /** With its unit; `null`: not there. */
      before: z.string().nullable(),
      after: z.string().nullable(),
      effect: z.enum(EFFECTS),
    }),
  ),
});
export type DiffReport = Readonly<z.infer<typeof diffReportSchema>>;

/** The findings of several files as one document. */
export function checkReport(examinations: readonly Examination[]): CheckReport {
  const all = examinations.flatMap(({ findings }) => findings);
  return {
    version: 1,
    banner: LIBRARY_BANNER,
    errors: all.filter(({ severity }) => severity === 'error').length,
    warnings: all.filter(({ severity }) => severity === 'warning').length,
    files: examinations.map(({ file, library, findings }) => ({
      file,
      library: library === null ? null : factsOf(library),
      findings: [...findings],
    })),
  };
}

type Side = { readonly file: string; readonly library: NonNullable<Examination['library']> };

/** The changes between two files as one document. */
export function diffReport(before: Side, after: Side, changes: readonly Change[]): DiffReport {
  const count = (effect: Change['effect']): number =>
    changes.filter((change) => change.effect === effect).length;
  return {
    version: 1,
    banner: LIBRARY_BANNER,
    before: { file: before.file, ...factsOf(before.library) },
    after: { file: after.file, ...factsOf(after.library) },
    loosened: count('loosened'),
    tightened: count('tightened'),
    unclear: count('unclear'),
    changes: [...changes],
  };
}

function factsOf(library: Side['library']): z.infer<typeof librarySchema> {
  const { id, version, sequence, careArea, status, entries } = library;
  return { id, version, sequence, careArea, status, drugs: entries.length };
}

/**
 * The JSON Schemas (draft 2020-12) that this folder publishes, by the name of their file: `pump-server/schemas/<name>.schema.json`. What a
 * schema cannot say, such as the order of limits, is in the rules.
 */
export function publishedLibrarySchemas(): Readonly<Record<string, unknown>> {
  return {
    'drug-library': generate('Pumprange drug library', drugLibrarySchema),
    'library-check': generate('Pumprange library check', checkReportSchema),
    'library-diff': generate('Pumprange library diff', diffReportSchema),
  };
}

function generate(title: string, schema: z.ZodType): unknown {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return { $schema, title, ...rest };
}
