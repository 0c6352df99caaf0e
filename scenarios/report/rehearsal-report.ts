import { z } from 'zod';
import {
  ALARM_PRIORITIES,
  ALERT_LEVELS,
  CONTROL_IDS,
  type ControlId,
  evidenceEventSchema,
  LAYERS,
} from '../../protocol/index.ts';
import { TEAMS } from '../format/actions.ts';
import { referenceSchema } from '../format/reference.ts';
import { FAMILIES } from '../format/scenario.ts';
import { stepOutcomeSchema } from '../format/steps.ts';
import { residualFileSchema } from '../matrix/residuals.ts';
import { matrixReportSchema } from './matrix-report.ts';
import { runResultSchema } from './run-report.ts';

const controlSchema = z.enum(CONTROL_IDS as [ControlId, ...ControlId[]]);
const layerSchema = z.enum(LAYERS);
const offsetMs = z.number().describe('Milliseconds of the rehearsal, from its start.');

/** Which controls were on in a run. */
export const runCellSchema = z.discriminatedUnion('cell', [
  z.strictObject({
    cell: z.literal('bare').describe('No control but the essential and the presupposed ones.'),
  }),
  z.strictObject({
    cell: z.literal('posture').describe('A posture as it is, in a rehearsal without a matrix.'),
  }),
  z.strictObject({ cell: z.literal('all').describe('Every control of the posture.') }),
  z.strictObject({ cell: z.literal('alone'), control: controlSchema }),
  z.strictObject({ cell: z.literal('removed'), control: controlSchema }),
  z.strictObject({ cell: z.literal('lost'), domain: layerSchema }),
]);
export type RunCell = z.infer<typeof runCellSchema>;

const rateChangeSchema = z
  .tuple([offsetMs, z.number().nonnegative()])
  .describe('From this offset on, so many mL/h.');

/** One run, with what a report shows of it. Every time is an offset from the start of the rehearsal. */
export const runDetailSchema = z.strictObject({
  cell: runCellSchema,
  command: z.string().describe('Carries out this run again.'),
  result: runResultSchema,
  pumps: z.array(z.string()).describe('Serial numbers of the fleet.'),
  steps: z.array(
    z.strictObject({
      id: z.string(),
      team: z.enum(TEAMS),
      actor: z.string(),
      verb: z.string().describe('What was done, as `do` of the scenario.'),
      object: z
        .string()
        .describe('To what: a pump, a connection, a topic; empty where the verb says it all.'),
      outcome: stepOutcomeSchema,
      detail: z.string().describe('What the actor saw.'),
      atMs: offsetMs,
    }),
  ),
  curves: z.array(
    z.strictObject({
      serial: z.string(),
      channel: z.string(),
      delivered: z.array(rateChangeSchema).describe('Into the patient, read off the physics.'),
      ordered: z.array(rateChangeSchema).describe('As the intent ledger has it.'),
    }),
  ),
  reached: z
    .array(z.string())
    .describe('Topics of which the connections of the adversary received something, each once, sorted.'),
  alarms: z.array(
    z.strictObject({
      serial: z.string(),
      channel: z.string().nullable(),
      alarm: z.string(),
      priority: z.enum(ALARM_PRIORITIES),
      change: z.enum(['raised', 'silenced', 'escalated', 'cleared']),
      atMs: offsetMs,
    }),
  ),
  alerts: z.array(
    z.strictObject({
      rule: z.string(),
      level: z.enum(ALERT_LEVELS),
      subject: z.string(),
      sinceMs: offsetMs.describe('When the first event that counted was received.'),
      atMs: offsetMs,
    }),
  ),
  evidence: z.array(evidenceEventSchema).describe('All that was logged, in order.'),
});
export type RunDetail = z.infer<typeof runDetailSchema>;

/** A scenario as it was rehearsed, with the runs that stand for it. */
export const rehearsedSchema = z.strictObject({
  id: z.string(),
  firmware: z.enum(['vulnerable', 'patched']).nullable(),
  title: z.string(),
  family: z.enum(FAMILIES),
  summary: z.string(),
  references: z.array(referenceSchema),
  success: z.array(z.string()).describe('What the attack is after, in words; empty for what is no attack.'),
  runs: z.array(runDetailSchema),
});
export type Rehearsed = z.infer<typeof rehearsedSchema>;

/** All that `report.html` and its companions are made from; `details.json` of a report folder. */
export const rehearsalReportSchema = z.strictObject({
  version: z.literal(1).describe('Version of this format.'),
  tool: z.string().describe('Name and version of what made it.'),
  madeAt: z.iso.datetime().describe('When it was made.'),
  matrix: matrixReportSchema.nullable().describe('null: single rehearsals, without a matrix.'),
  residuals: residualFileSchema.shape.residuals.describe(
    'What scenarios/residual.yaml says, as far as it is about what was rehearsed.',
  ),
  rehearsed: z.array(rehearsedSchema),
});
export type RehearsalReport = z.infer<typeof rehearsalReportSchema>;
