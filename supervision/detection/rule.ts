import { z } from 'zod';
import { ALERT_LEVELS } from '../../protocol/index.ts';
import { EVENT_FIELDS } from './event-fields.ts';
import { namesIn, parseExpression } from './expression.ts';
import { selectionSchema } from './selection.ts';
import { spanSchema } from './span.ts';

const expression = z
  .string()
  .min(1)
  .max(500)
  .describe('Names of selections, joined by and, or, not and brackets; `1 of name*`, `all of name*`.');
const field = z.enum(EVENT_FIELDS);
const within = spanSchema.describe('All of it within this time.');

export const correlationSchema = z.discriminatedUnion('type', [
  z
    .strictObject({
      type: z.literal('event_count').describe('So many events that fit the condition.'),
      atLeast: z.int().min(2).max(250).describe('How many.'),
      within,
    })
    .describe('A threshold.'),
  z
    .strictObject({
      type: z.literal('value_count').describe('Events that fit the condition differ in a field.'),
      field: field.describe('What they differ in; events that do not say are not counted.'),
      atLeast: z.int().min(2).max(250).describe('In how many values.'),
      within,
    })
    .describe('A count of different values, such as the objects that one subject touches.'),
  z
    .strictObject({
      type: z.literal('temporal_ordered').describe('What fits the condition, and then other events.'),
      followedBy: z.array(expression).min(1).max(7).describe('What follows, in this order.'),
      within,
    })
    .describe('A sequence.'),
  z
    .strictObject({
      type: z.literal('absence').describe('What fits the condition is not followed by what should follow.'),
      expected: expression.describe('What should follow.'),
      within: spanSchema.describe('Until when; the alert is given at that time.'),
    })
    .describe('Something that should have come did not.'),
  z
    .strictObject({
      type: z.literal('silence').describe('What fits the condition has come before, and comes no more.'),
      within: spanSchema.describe('How long it may be quiet; the alert is given at that time.'),
      until: expression.optional().describe('A farewell, after which nothing more is expected.'),
    })
    .describe('Nothing more is heard.'),
]);
export type Correlation = z.infer<typeof correlationSchema>;

/** Every expression of a rule, with where it stands. */
function expressionsOf(
  condition: string,
  correlation: Correlation | undefined,
): readonly { readonly path: readonly (string | number)[]; readonly text: string }[] {
  const first = { path: ['detection', 'condition'], text: condition };
  switch (correlation?.type) {
    case 'temporal_ordered':
      return [
        first,
        ...correlation.followedBy.map((text, index) => ({
          path: ['correlation', 'followedBy', index],
          text,
        })),
      ];
    case 'absence':
      return [first, { path: ['correlation', 'expected'], text: correlation.expected }];
    case 'silence':
      return correlation.until === undefined
        ? [first]
        : [first, { path: ['correlation', 'until'], text: correlation.until }];
    default:
      return [first];
  }
}

/** A detection rule as its file has it. Field names and meanings are Sigma's where Sigma has them. */
export const detectionRuleSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds this schema.'),
    id: z
      .string()
      .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case words joined by dashes')
      .max(64),
    title: z.string().min(1).max(120),
    status: z
      .enum(['experimental', 'test', 'stable'])
      .describe('stable: it may wake somebody; test: it is being tuned; experimental: a first try.'),
    description: z.string().min(1).describe('What it means and what to look at next.'),
    references: z.array(z.string().min(1)).max(20).default([]).describe('Where it comes from.'),
    author: z.string().min(1).max(120).optional(),
    date: z.iso.date().optional().describe('When it was written, such as "2026-01-31".'),
    level: z
      .enum(ALERT_LEVELS)
      .describe('informational and low are notices for a review; from medium on somebody has to look.'),
    tags: z
      .array(
        z
          .string()
          .regex(
            /^(?:attack\.t\d{4}|emb3d\.tid-\d{3}|cve\.\d{4}-\d{4,}|[a-z]+\.[a-z0-9.-]+)$/,
            'a tag such as attack.t0855, emb3d.tid-221 or cve.2014-5406',
          ),
      )
      .max(20)
      .default([])
      .describe('ATT&CK for ICS techniques and the like.'),
    falsepositives: z
      .array(z.string().min(1))
      .max(20)
      .default([])
      .describe('Innocent things that look the same.'),
    source: z
      .array(z.string().min(1).max(64))
      .min(1)
      .max(10)
      .optional()
      .describe('Components whose events it reads, as `logsource` in Sigma; absent: any.'),
    detection: z
      .object({ condition: expression.describe('Which events count, by the names of selections.') })
      .catchall(selectionSchema)
      .describe('Named selections, and the condition that joins them.'),
    correlation: correlationSchema
      .optional()
      .describe('What of several events makes an alert; absent: each that fits the condition.'),
    by: z
      .array(field)
      .min(1)
      .max(4)
      .describe(
        'What the events must have in common, and what the alert is about. With a correlation, an event that does not say is not counted.',
      ),
    quiet: spanSchema
      .optional()
      .describe('After an alert, the same says nothing new for this time; absent: it always does.'),
  })
  .superRefine(({ detection, correlation }, context) => {
    const { condition, ...selections } = detection;
    const names = Object.keys(selections);
    const used = new Set<string>();
    for (const { path, text } of expressionsOf(condition, correlation)) {
      const parsed = parseExpression(text);
      if ('fault' in parsed) {
        context.addIssue({ code: 'custom', path: [...path], message: parsed.fault });
        for (const name of names) used.add(name);
        continue;
      }
      const found = namesIn(parsed, names);
      for (const name of found.used) used.add(name);
      for (const name of found.unknown) {
        const message = `there is no selection ${name}; there are ${names.join(', ') || 'none'}`;
        context.addIssue({ code: 'custom', path: [...path], message });
      }
    }
    for (const name of names.filter((one) => !used.has(one))) {
      context.addIssue({ code: 'custom', path: ['detection', name], message: 'no condition speaks of this' });
    }
  })
  .describe('A rule over the evidence that a blue team can see.');
export type DetectionRule = z.infer<typeof detectionRuleSchema>;

/** The JSON Schema that is published as `supervision/schemas/detection-rule.schema.json`. */
export function detectionRuleJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(detectionRuleSchema, { io: 'input' });
  return { $schema, title: 'Pumprange detection rule', ...rest };
}
