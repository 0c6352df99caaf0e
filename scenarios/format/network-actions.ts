import { z } from 'zod';
import { durationSchema } from './duration.ts';
import { identitySchema, idSchema, nameSchema, pumpSchema } from './values.ts';
import { verb } from './verb.ts';

const who = z
  .union([
    z.strictObject({
      identity: identitySchema.describe(
        'Whoever spoke under this identity, at every address that the evidence has for it.',
      ),
    }),
    z.strictObject({ address: z.ipv4().describe('Whoever speaks from this address.') }),
  ])
  .describe('Whom it is about.');

export const quarantine = verb(
  'quarantine',
  'A device is moved out of reach: its connections end, and the network lets it open no other.',
  { who },
);
export const releaseQuarantine = verb('release-quarantine', 'What was moved out of reach comes back.', {
  who,
});
export const approveVendor = verb(
  'approve-vendor',
  'A biomedical engineer lets a vendor reach one service of one pump for a time.',
  {
    engineer: nameSchema.describe('Id of the engineer, of the kind `biomed`.'),
    vendor: nameSchema.describe('Id of the vendor.'),
    pump: pumpSchema,
    service: idSchema.describe('Name of the service of the pump.'),
    for: durationSchema.describe('How long; the session ends then, whatever is under way.'),
  },
);
