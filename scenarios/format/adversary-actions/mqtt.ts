import { z } from 'zod';
import { PERSON_KINDS } from '../../../protocol/index.ts';
import { commandFields, hasItsFigure, needsItsFigure } from '../commands.ts';
import { durationSchema } from '../duration.ts';
import { identitySchema, idSchema, nameSchema } from '../values.ts';
import { verb } from '../verb.ts';
import { credentialSchema } from './credentials.ts';

const connection = idSchema.describe('Name of a connection that a `connect` step opens.');
const topic = z.string().min(1).max(256);
const qos = z.union([z.literal(0), z.literal(1)]).describe('Quality of service [MQTT-4.3].');

const payloadSchema = z
  .union([
    z.strictObject({ text: z.string().max(65_536).describe('As it is, in UTF-8.') }),
    z.strictObject({ base64: z.base64().max(87_384).describe('Bytes.') }),
    z.strictObject({
      message: z.strictObject({
        type: z.string().min(1).max(64).describe('Type of the message, such as status.'),
        from: identitySchema.optional().describe('Sender that it names; absent: whom the connection is.'),
        to: identitySchema.optional(),
        expiresIn: durationSchema.optional(),
        body: z.record(z.string(), z.json()).describe('What it says.'),
      }),
    }),
    z.strictObject({
      command: z
        .strictObject(commandFields)
        .refine(hasItsFigure, needsItsFigure)
        .describe('An unsigned command to a pump.'),
    }),
  ])
  .describe('What is said: text, bytes, a message in the envelope of the protocol, or a command in it.');
export type Payload = z.infer<typeof payloadSchema>;

const connect = verb('connect', 'Somebody opens a connection to the broker.', {
  connection: idSchema.describe('Name by which later steps speak of this connection.'),
  as: credentialSchema,
  to: z.literal('broker').describe('Where it connects.'),
  listener: z
    .enum(['tls', 'plaintext', 'any'])
    .describe(
      'Which listener; any: with a certificate TLS first, without one plaintext first, whichever is open.',
    ),
  clean: z
    .boolean()
    .default(true)
    .describe('Whether the broker forgets the session at its end [MQTT-3.1.2-6].'),
  keepAliveSeconds: z
    .int()
    .min(0)
    .max(65_535)
    .default(60)
    .describe('How long it may be silent, in seconds; 0: for ever [MQTT-3.1.2-24].'),
  will: z
    .strictObject({
      topic: topic.describe('Where it is published.'),
      payload: payloadSchema,
      qos: qos.default(1).describe('Quality of service: 1 is acknowledged, 0 is not.'),
      retain: z.boolean().default(false),
    })
    .optional()
    .describe('What the broker publishes once the connection is lost.'),
  comesBack: z
    .strictObject({
      times: z.int().min(1).max(600).describe('How often at most.'),
      after: durationSchema.describe('How long after each loss.'),
    })
    .optional()
    .describe('It connects again, with its subscriptions, whenever it is thrown out; absent: it stays away.'),
});
const publish = verb('publish', 'Publishes anything over a connection.', {
  connection,
  topic: topic.describe('Where to.'),
  payload: payloadSchema,
  qos: qos.default(1).describe('Quality of service: 1 is acknowledged, 0 is not.'),
  retain: z.boolean().default(false).describe('Whether the broker shall keep it for whoever comes later.'),
});
const publishCommand = verb('publish-command', 'Publishes a command to a pump over a connection.', {
  connection,
  ...commandFields,
  signedBy: z
    .strictObject({ kind: z.enum(PERSON_KINDS), id: nameSchema })
    .optional()
    .describe('Whose stolen key signs it; absent: it is not signed.'),
}).refine(hasItsFigure, needsItsFigure);
const subscribe = verb('subscribe', 'Subscribes over a connection, to see and keep what arrives.', {
  connection,
  filter: topic.describe('MQTT topic filter.'),
});
const replay = verb('replay', 'Publishes once more, byte for byte, what a connection has received.', {
  connection,
  capturedOn: idSchema.optional().describe('Connection that received it; absent: the same.'),
  filter: topic.default('pumps/+/command').describe('Which messages it chooses from, by their topic.'),
  message: z.int().min(1).max(1_000).default(1).describe('The how manieth of them that arrived.'),
});
const disconnect = verb('disconnect', 'Closes a connection.', {
  connection,
  abruptly: z
    .boolean()
    .default(false)
    .describe('Without a goodbye, so that its will is published [MQTT-3.14.4-3].'),
});

/** What an adversary does as a client of the broker. */
export const MQTT_VERBS = [connect, publish, publishCommand, subscribe, replay, disconnect] as const;
