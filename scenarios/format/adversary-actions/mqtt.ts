import { z } from 'zod';
import { channelSchema, identitySchema, idSchema, pumpSchema, rateSchema } from '../values.ts';
import { verb } from '../verb.ts';

const connection = idSchema.describe('Name of a connection that a `connect` step opens.');

export const connect = verb('connect', 'Somebody opens a connection to the broker.', {
  connection: idSchema.describe('Name by which later steps speak of this connection.'),
  as: z
    .discriminatedUnion('credential', [
      z.strictObject({
        credential: z
          .literal('stolen-certificate')
          .describe('The key and certificate of somebody else, copied; the owner still has them too.'),
        of: identitySchema,
      }),
      z.strictObject({
        credential: z.literal('none').describe('No certificate.'),
        clientId: z
          .string()
          .min(1)
          .max(128)
          .optional()
          .describe('Client id that is claimed, `<kind>:<id>`; absent: one of no known kind.'),
      }),
    ])
    .describe('What the peer presents.'),
  to: z.literal('broker').describe('Where it connects.'),
  listener: z
    .enum(['tls', 'plaintext', 'any'])
    .describe(
      'Which listener; any: with a certificate TLS first, without one plaintext first, whichever is open.',
    ),
});
export const publishCommand = verb(
  'publish-command',
  'Publishes a command to a pump over a connection, unsigned.',
  {
    connection,
    pump: pumpSchema,
    channel: channelSchema.optional(),
    command: z.literal('set-rate').describe('Changes the rate of the running infusion.'),
    rateMlPerH: rateSchema.describe('Rate that is commanded, in mL/h.'),
  },
);
export const subscribe = verb('subscribe', 'Subscribes over a connection, to see what arrives.', {
  connection,
  filter: z.string().min(1).max(256).describe('MQTT topic filter.'),
});
export const disconnect = verb('disconnect', 'Closes a connection.', { connection });

/** What an adversary does as a client of the broker. */
export const MQTT_VERBS = [connect, publishCommand, subscribe, disconnect] as const;
