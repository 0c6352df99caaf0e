import { z } from 'zod';
import { ALERT_LEVELS, CONTROL_IDS, type ControlId, LAYERS, THERAPY_STATES } from '../../protocol/index.ts';
import { actionSchema, TEAMS } from './actions.ts';
import { durationSchema } from './duration.ts';
import { channelSchema, idSchema, pumpSchema, versionSchema } from './values.ts';

export const controlSchema = z
  .enum(CONTROL_IDS as [ControlId, ...ControlId[]])
  .describe('Id of a control; see `pumprange list controls`.');

export const stepOutcomeSchema = z
  .enum(['succeeded', 'refused', 'skipped', 'failed'])
  .describe(
    'As the actor saw it. succeeded: taken; refused: turned down or cut off; skipped: what it needed was not there, ' +
      'such as a connection that had been refused, or its condition never came; failed: a step of the adversary that hung, crashed or went ' +
      'beyond its bounds.',
  );
export type StepOutcomeKind = z.infer<typeof stepOutcomeSchema>;

/** What a step may wait for. It holds from the first instant at which it is seen to be so. */
export const conditionSchema = z.discriminatedUnion('condition', [
  z.strictObject({
    condition: z.literal('step-done').describe('Another step has been carried out.'),
    step: idSchema.describe('Id of that step.'),
    outcome: stepOutcomeSchema.optional().describe('Only if it ended so; absent: however it ended.'),
  }),
  z.strictObject({
    condition: z.literal('therapy-state').describe('A channel is in a state of therapy.'),
    pump: pumpSchema,
    channel: channelSchema.optional(),
    equals: z.enum(THERAPY_STATES).describe('That state.'),
  }),
  z.strictObject({
    condition: z.literal('alarm-active').describe('A pump has an alarm that is not cleared.'),
    pump: pumpSchema,
    alarm: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the alarm, such as downstream-occlusion; absent: any.'),
  }),
  z.strictObject({
    condition: z.literal('firmware-running').describe('A pump runs a version of its firmware.'),
    pump: pumpSchema,
    equals: versionSchema,
  }),
  z.strictObject({
    condition: z.literal('evidence').describe('The evidence has an event that a blue team could see.'),
    event: z.string().min(1).optional().describe('Name of the event, such as publish.denied; absent: any.'),
    control: controlSchema.optional(),
  }),
  z.strictObject({
    condition: z.literal('alert').describe('Security operations have an alert.'),
    rule: idSchema.optional().describe('Of this rule; absent: of any.'),
    level: z.enum(ALERT_LEVELS).optional().describe('Of this level or above; absent: of any.'),
  }),
]);
export type Condition = z.infer<typeof conditionSchema>;

export const triggerSchema = z
  .union([
    z.strictObject({ at: durationSchema.describe('Offset from the start of the rehearsal.') }),
    z.strictObject({
      when: conditionSchema.describe('What it waits for.'),
      after: durationSchema
        .optional()
        .describe('How long somebody takes to act on it, such as the delay of a human; absent: at once.'),
    }),
    z.strictObject({ manual: z.literal(true).describe('Somebody says when, in a live exercise.') }),
  ])
  .describe('When the step happens: one of `at`, `when` (with `after`) and `manual`.');
export type Trigger = z.infer<typeof triggerSchema>;

export const stepSchema = z.strictObject({
  id: idSchema.describe('Unique in the scenario; conditions and expectations speak of it.'),
  team: z
    .enum(TEAMS)
    .describe("white: the exercise; care: the hospital's staff; red: the adversary; blue: the defenders."),
  actor: z.string().min(1).max(64).describe('Who does it, as the report names it.'),
  trigger: triggerSchema,
  whenLost: z
    .array(z.enum(LAYERS))
    .min(1)
    .optional()
    .describe(
      'Only where one of these failure domains is lost and what it guarded is in the hands of the adversary; absent: always.',
    ),
  action: actionSchema.describe('What is done: a verb under `do`, with its parameters.'),
});
export type Step = z.infer<typeof stepSchema>;
