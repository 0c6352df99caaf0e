import { z } from 'zod';
import { componentSchema, versionSchema, WEAKNESS_IDS } from '../../protocol/firmware/index.ts';

export const SEVERITIES = ['low', 'medium', 'high', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

const modelSchema = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);

/** What makes a pump exposed: what its firmware does, or what is in it. Either is enough. */
const affectedSchema = z
  .strictObject({
    weakness: z.enum(WEAKNESS_IDS).optional().describe('A weakness that the testbed models.'),
    component: z
      .strictObject({
        name: componentSchema.shape.name,
        below: versionSchema.optional().describe('The first version that is not affected; absent: all are.'),
      })
      .optional()
      .describe('A component of the firmware, or one that stays in the pump whatever firmware it runs.'),
    models: z.array(modelSchema).min(1).optional().describe('Absent: all models.'),
  })
  .refine(({ weakness, component }) => weakness !== undefined || component !== undefined, {
    message: 'names neither a weakness nor a component',
  });

const advisorySchema = z.strictObject({
  id: z.string().regex(/^PRA-\d{4}$/, 'an id such as PRA-0001'),
  title: z.string().min(1).max(120),
  severity: z.enum(SEVERITIES),
  /** Of published ones. Ours are fictitious and illustrate the class of theirs, nothing else. */
  illustrates: z
    .array(z.string().min(1).max(120))
    .min(1)
    .describe('Published advisories whose weakness class this one illustrates.'),
  effect: z.string().min(1).max(300),
  affected: affectedSchema,
  fixedIn: z
    .record(modelSchema, versionSchema)
    .describe(
      'Model → the first firmware version that is not affected; a model that is not named has no fix.',
    ),
  untilThen: z
    .string()
    .min(1)
    .max(300)
    .describe('What to do as long as there is no fix, or it is not installed.'),
});

export const advisoriesSchema = z.strictObject({
  format: z.literal('pumprange-advisories'),
  version: z.literal(1),
  notice: z.literal('TEST ONLY'),
  advisories: z
    .array(advisorySchema)
    .max(1_000)
    .refine((all) => new Set(all.map(({ id }) => id)).size === all.length, 'an id is there twice'),
});

export type Advisory = Readonly<z.infer<typeof advisorySchema>>;

/** Whether the testbed models it: an attack on it really succeeds, and no longer does after the patch. */
export function isModelled({ affected }: Advisory): boolean {
  return affected.weakness !== undefined;
}

/** The JSON Schema that is published as `pump-server/schemas/advisories.schema.json`. */
export function advisoriesJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(advisoriesSchema, { io: 'input' });
  return { $schema, title: 'Pumprange advisories', ...rest };
}
