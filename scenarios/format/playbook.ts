import { z } from 'zod';
import { ALERT_LEVELS } from '../../protocol/index.ts';
import { pumpServiceSchema } from './device-values.ts';
import { durationMs, durationSchema } from './duration.ts';
import { referenceSchema } from './reference.ts';
import { idSchema } from './values.ts';
import { verb } from './verb.ts';

const timing = {
  after: durationSchema
    .optional()
    .describe('How long after the action before it, or after the decision; absent: at once.'),
  staffActions: z
    .int()
    .min(0)
    .max(100)
    .default(1)
    .describe('How often somebody of the staff has to do something for it.'),
};

/** Where an action is about pumps: the one that the alert names, or all of the ward. */
const pumps = z
  .enum(['named', 'all'])
  .default('named')
  .describe('named: the pump that the alert is about; all: every pump of the ward.');

/** On the network an address can be moved out of reach, or all that an identity speaks from. */
const whom = z
  .enum(['address', 'identity'])
  .default('address')
  .describe('What of the alert is meant: the address, or the identity wherever it was seen.');

/** What a responder does. On whom follows from the alert. */
export const playbookActionSchema = z.discriminatedUnion('do', [
  verb('quarantine', 'Moves whom the alert names out of reach of everybody; its connections end.', {
    ...timing,
    whom,
  }),
  verb('release-quarantine', 'Lets whom the alert names back onto the network.', { ...timing, whom }),
  verb('services-off', 'Switches network services of pumps off.', {
    ...timing,
    pumps,
    services: z.array(pumpServiceSchema).min(1).describe('Which services.'),
  }),
  verb('stop-server', 'Stops the pump server, so that it hands out nothing more.', timing),
  verb('start-server', 'Starts the pump server again, on what it had stored.', timing),
  verb('revoke', 'Revokes the certificates of the identity that the alert names.', timing),
  verb(
    'manual-fallback',
    'Takes pumps off the network: they go on as programmed, and somebody stands at the bedside.',
    { ...timing, pumps },
  ),
  verb('restore', 'Puts pumps back on the network.', { ...timing, pumps }),
  verb('bedside-check', 'Somebody goes to pumps and puts right what is not as ordered.', {
    ...timing,
    pumps,
  }),
  verb('note', 'Somebody looks into it, calls, or writes it down; nothing is changed.', {
    ...timing,
    what: z.string().min(1).max(200).describe('What, as the report has it.'),
  }),
]);
export type PlaybookAction = z.infer<typeof playbookActionSchema>;

/** What defenders do about an alert, and what it costs the ward. */
export const playbookSchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where an editor finds this schema.'),
    id: idSchema.describe('Name of the playbook and of its file.'),
    title: z.string().min(1).max(120).describe('One line.'),
    summary: z.string().min(1).describe('What is done, by whom, and what it costs.'),
    references: z.array(referenceSchema).default([]),
    trigger: z
      .strictObject({
        rules: z
          .array(idSchema)
          .min(1)
          .optional()
          .describe('An alert of one of these rules; see `pumprange list detections`.'),
        level: z.enum(ALERT_LEVELS).optional().describe('An alert of this level or above.'),
      })
      .refine(({ rules, level }) => rules !== undefined || level !== undefined, {
        error: 'rules, or level, or both',
      })
      .describe('What it answers: one of the rules, or any alert of such a level.'),
    delay: z
      .strictObject({
        notice: durationSchema.describe('Until somebody has seen the alert.'),
        decide: durationSchema.describe('Until it is decided what to do.'),
        act: durationSchema.describe('Until the first action has taken effect.'),
      })
      .describe('How long people take.'),
    actions: z.array(playbookActionSchema).min(1).max(20).describe('What is done, in this order.'),
    most: z
      .int()
      .min(1)
      .max(100)
      .default(5)
      .describe('How often it is carried out in one rehearsal, each time about somebody else.'),
  })
  .describe('What blue-team people do about an alert. TRAINING, NOT FOR HUMAN USE.');
export type Playbook = z.infer<typeof playbookSchema>;

/** Milliseconds from the alert to the first action. */
export function delayMsOf({ delay }: Playbook): number {
  return durationMs(delay.notice) + durationMs(delay.decide) + durationMs(delay.act);
}
