import { z } from 'zod';
import { durationSchema } from '../duration.ts';
import { channelSchema, identitySchema, idSchema, pumpSchema } from '../values.ts';
import { verb } from '../verb.ts';

const connection = idSchema.describe('Name of a connection that a `connect` step opens.');
const signedBy = identitySchema
  .optional()
  .describe('Whose stolen key signs it; absent: nobody signs, as where no key was stolen.');
const oneKey = {
  error: 'either signedBy or signedWith',
  path: ['signedWith'],
};
const isOneKey = ({
  signedBy: one,
  signedWith: other,
}: {
  readonly signedBy?: unknown;
  readonly signedWith?: unknown;
}): boolean => one === undefined || other === undefined;
const signedWith = idSchema
  .optional()
  .describe('Instead of that: name of a key that an earlier step took or was given.');

const forgeUplink = verb('forge-uplink', 'Publishes in the name of a pump what it does not say.', {
  connection,
  pump: pumpSchema,
  say: z
    .discriminatedUnion('what', [
      z.strictObject({
        what: z
          .literal('all-well')
          .describe('Telemetry of a pump that runs, and a status without any alarm.'),
      }),
      z.strictObject({
        what: z.literal('alarm').describe('A change of an alarm, as the next record of its log.'),
        alarm: z.string().min(1).max(64).describe('Name of the alarm, such as downstream-occlusion.'),
        channel: channelSchema.optional().describe('Absent: it is of the pump as a whole.'),
        change: z.enum(['raised', 'cleared']),
      }),
      z.strictObject({
        what: z.literal('event').describe('An event, as the next record of its log.'),
        event: z.string().min(1).max(64).describe('Name of the event, such as infusion-started.'),
      }),
    ])
    .describe('What is said. Numbers and names go on from what was heard on the connection.'),
  every: durationSchema.optional().describe('Says it again and again at this period; absent: once.'),
  signedBy,
  signedWith,
}).refine(isOneKey, oneKey);
const suppressAlarms = verb(
  'suppress-alarms',
  'From now on answers each alarm of a pump that arrives on a connection, in the name of that pump: it is cleared, all is well.',
  { connection, pump: pumpSchema, signedBy, signedWith },
).refine(isOneKey, oneKey);
const wipeEvidence = verb(
  'wipe-evidence',
  'Somebody on the machine where the hospital keeps its evidence removes all that was written, and starts the log anew.',
  {},
);
const forgeEvidence = verb(
  'forge-evidence',
  'Somebody on that machine removes what was written about somebody, or puts another in its place, and computes the chain anew.',
  {
    about: identitySchema.describe('Whom the lines are about.'),
    blame: identitySchema
      .optional()
      .describe('Whom they are about afterwards; absent: the lines are removed.'),
  },
);

/** What an adversary does with what it reads and what it makes others believe. */
export const RECORDS_VERBS = [forgeUplink, suppressAlarms, wipeEvidence, forgeEvidence] as const;
