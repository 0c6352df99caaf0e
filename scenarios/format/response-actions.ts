import { z } from 'zod';
import { identitySchema, idSchema, pumpSchema, pumpsSchema } from './values.ts';
import { verb } from './verb.ts';

/** What an alert would name, where a person says it instead. */
export const runPlaybook = verb(
  'run-playbook',
  'Somebody carries out a playbook, at once and without an alert.',
  {
    playbook: idSchema.describe('Id of the playbook; see `pumprange list playbooks`.'),
    identity: identitySchema.optional().describe('Identity that it is about.'),
    address: z.string().min(1).max(64).optional().describe('Address that it is about.'),
    pump: pumpSchema.optional().describe('Pump that it is about.'),
  },
);

export const bedsideCheck = verb(
  'bedside-check',
  'Somebody goes to pumps, compares what they do with what is ordered, and puts right what is off.',
  { pumps: pumpsSchema },
);
