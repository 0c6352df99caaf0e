import { z } from 'zod';
import { pumpServiceSchema } from './device-values.ts';
import { pumpSchema } from './values.ts';
import { verb } from './verb.ts';

export const setService = verb('set-service', 'Somebody configures a network service of a pump on or off.', {
  pump: pumpSchema,
  service: pumpServiceSchema,
  on: z.boolean().describe('Whether it is to be there.'),
});

export const lockKeypad = verb('lock-keypad', 'Somebody locks the keypad; a code unlocks it.', {
  pump: pumpSchema,
});

export const breakGlass = verb(
  'break-glass',
  'Somebody opens a locked keypad with the covered key beside it, without a code; the log has the reason.',
  {
    pump: pumpSchema,
    reason: z
      .enum(['patient-in-danger', 'code-not-known', 'locked-out'])
      .describe('What is said to be the reason.'),
  },
);

export const setOcclusionLimit = verb(
  'set-occlusion-limit',
  'Somebody sets at which pressure an occlusion alarms; in standby.',
  { pump: pumpSchema, mmHg: z.number().positive().max(1_034).describe('The limit, in mmHg.') },
);

export const decommission = verb(
  'decommission',
  'A pump leaves service and the hospital; it must be in standby or off. Its certificate is not revoked by that.',
  { pump: pumpSchema },
);
