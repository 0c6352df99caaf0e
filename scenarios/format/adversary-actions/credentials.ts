import { z } from 'zod';
import { durationSchema } from '../duration.ts';
import { identitySchema, idSchema } from '../values.ts';

const claims = identitySchema
  .optional()
  .describe(
    'Whom its client id names instead of the certificate. Refused, it comes back under the name of the certificate; absent: that name.',
  );

/** What somebody who has no business here shows of itself. */
export const credentialSchema = z
  .discriminatedUnion('credential', [
    z.strictObject({
      credential: z.literal('none').describe('No certificate.'),
      clientId: z
        .string()
        .min(1)
        .max(128)
        .optional()
        .describe('Client id that is claimed, `<kind>:<id>`; absent: one of no known kind.'),
    }),
    z.strictObject({
      credential: z
        .literal('stolen-certificate')
        .describe(
          'The key and certificate of somebody else, copied when they are first shown; the owner still has them too, and a revocation ' +
            'counts for both.',
        ),
      of: identitySchema,
      claims,
    }),
    z.strictObject({
      credential: z
        .literal('expiring-certificate')
        .describe('The same, of a certificate that runs out soon and that its owner has replaced.'),
      of: identitySchema,
      validFor: durationSchema.describe('How much of its life is left when it is first shown.'),
      claims,
    }),
    z.strictObject({
      credential: z.literal('bad-certificate').describe('A certificate that is right in all but one thing.'),
      defect: z
        .enum([
          'expired',
          'not-yet-valid',
          'revoked',
          'wrong-usage',
          'wrong-ca',
          'self-signed',
          'missing-san',
          'wrong-san',
          'mismatched-name',
          'path-length-broken',
          'weak-key',
          'weak-digest',
          'altered-signature',
        ])
        .describe('What is wrong with it; see `pumprange pki issue --help`.'),
      of: identitySchema.describe('Whom it names.'),
      claims,
    }),
    z.strictObject({
      credential: z
        .literal('forged-certificate')
        .describe("A good certificate in any name, made with the authority's own key, which was stolen."),
      of: identitySchema.describe('Whom it names.'),
      claims,
    }),
    z.strictObject({
      credential: z
        .literal('extracted-certificate')
        .describe(
          'What an earlier step took out of the storage of a pump, or was given by the enrolment service.',
        ),
      from: idSchema.describe('Name that the step gave to what it found.'),
      claims,
    }),
  ])
  .describe('What the peer presents.');
export type CredentialOf = z.infer<typeof credentialSchema>;
