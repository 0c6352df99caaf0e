import { z } from 'zod';
import { CONTROL_IDS, type ControlId, KINDS } from '../../protocol/index.ts';

const controls = z.array(z.enum(CONTROL_IDS as [ControlId, ...ControlId[]])).min(1);
const texts = z.array(z.string().min(1)).min(1);

/** Which events count. All that is named must fit; of a list, one of its entries. */
export const eventMatchSchema = z
  .strictObject({
    events: texts.optional().describe('Names of events, such as publish.denied.'),
    outcomes: z
      .array(z.enum(['allowed', 'denied', 'observed']))
      .min(1)
      .optional(),
    controls: controls.optional().describe('Controls that decided.'),
    objects: texts.optional().describe('MQTT topic filters that take in what it was done to.'),
    subjectKinds: z.array(z.enum(KINDS)).min(1).optional().describe('Kinds of identity that it is about.'),
    exceptSubjectKinds: z
      .array(z.enum(KINDS))
      .min(1)
      .optional()
      .describe('Kinds of identity that are meant to do this; an unknown subject is none of them.'),
    atLeast: z.int().min(1).default(1).describe('How many such events it takes.'),
  })
  .refine(({ atLeast: _, ...match }) => Object.values(match).some((one) => one !== undefined), {
    error: 'a step that names nothing would fit every event',
  });
export type EventMatch = z.infer<typeof eventMatchSchema>;

/** A detection rule as its file has it. */
export const detectionRuleSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds this schema.'),
    id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case words joined by dashes'),
    title: z.string().min(1).max(120),
    description: z.string().min(1).describe('What it means and what to look at next.'),
    severity: z.enum(['low', 'medium', 'high']),
    by: z
      .enum(['subject', 'address', 'source', 'object', 'session'])
      .describe('What the events must have in common; also what the alert is about.'),
    steps: z
      .array(eventMatchSchema)
      .min(1)
      .max(8)
      .describe('What must be seen, in this order: one step for a threshold, several for a sequence.'),
    withinS: z.number().positive().max(86_400).describe('All of it within so many seconds.'),
    quietS: z
      .number()
      .nonnegative()
      .max(86_400)
      .default(0)
      .describe('After an alert, what is about the same says nothing new for so many seconds.'),
  })
  .describe('A rule over the evidence that a blue team can see.');
export type DetectionRule = z.infer<typeof detectionRuleSchema>;

/** The JSON Schema that is published as `supervision/schemas/detection-rule.schema.json`. */
export function detectionRuleJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(detectionRuleSchema, { io: 'input' });
  return { $schema, title: 'Pumprange detection rule', ...rest };
}
