import { z } from 'zod';

import { commandFields, hasItsFigure, needsItsFigure } from '../commands.ts';
import { durationMs, durationSchema } from '../duration.ts';
import { idSchema, pumpsSchema } from '../values.ts';
import { verb } from '../verb.ts';
import { credentialSchema } from './credentials.ts';
import { MALFORMATION_IDS } from './malformations.ts';

/*
 * Everything here is bounded by its schema: nobody can write a flood that goes on for ever or keeps the machine busy for
 * minutes. The largest takes a few seconds of real time.
 */

const peer = {
  as: credentialSchema,
  listener: z
    .enum(['tls', 'plaintext', 'any'])
    .describe(
      'Which listener; any: with a certificate TLS first, without one plaintext first, whichever is open.',
    ),
};

const LONGEST_MS = 10 * 60_000;
const LARGEST_BYTES = 32 * 1_024 * 1_024;

const lasting = durationSchema
  .refine((text) => durationMs(text) <= LONGEST_MS, 'at most 10m')
  .describe('How long it goes on, or what it took is held.');
const perSecond = (most: number) => z.int().min(1).max(most).describe('How many it sends or opens a second.');
const sessions = z
  .int()
  .min(1)
  .max(50)
  .default(1)
  .describe('Sessions that share the work; all are opened first, and those that it gets do it.');
const payloadBytes = z.int().min(0).max(65_536).describe('Bytes of each payload.');

/** What an action would send in all. */
function isBearable({
  count = 1,
  sessions = 1,
  payloadBytes = 0,
}: Readonly<Record<string, unknown>>): boolean {
  return Number(count) * Number(sessions) * (Number(payloadBytes) + 64) <= LARGEST_BYTES;
}
const BEARABLE = {
  error: 'count × sessions × payloadBytes is more than 32 MiB',
  path: ['count'],
};

const sendMalformed = verb(
  'send-malformed',
  'Sends the broker what MQTT does not allow, and looks whether it is still let speak.',
  {
    ...peer,
    malformation: z.enum(MALFORMATION_IDS).describe('What is wrong with it; see docs/writing-scenarios.md.'),
  },
);

const openConnections = verb(
  'open-connections',
  'Opens connections to the broker and holds them, to take the places of others. It gives up after eight refusals in a row.',
  {
    ...peer,
    upTo: z
      .enum(['tcp', 'tls', 'half-connect', 'session'])
      .describe(
        'How far each goes; tcp: nothing is said; tls: nor after the handshake; half-connect: CONNECT begins and never ends; session: it is a ' +
          'session, and silent.',
      ),
    count: z.int().min(1).max(300).describe('How many it opens in all.'),
    perSecond: z
      .union([z.int().min(1).max(50), z.number().min(0.05).max(1)])
      .describe('How many it opens a second; below 1: one by one, slowly.'),
    keepAliveS: z
      .int()
      .min(0)
      .max(65_535)
      .default(65_535)
      .describe('What a session says it wants for a keep-alive; 0: none.'),
    hold: lasting,
  },
);

const publishFlood = verb('publish-flood', 'Publishes as fast as it can, over sessions of its own.', {
  ...peer,
  sessions,
  topic: z.string().min(1).max(256).describe('Topic; `{n}` in it becomes the number of the message.'),
  qos: z.union([z.literal(0), z.literal(1)]).describe('Quality of service.'),
  retain: z.boolean().default(false).describe('Whether the broker is asked to keep each.'),
  payloadBytes,
  count: z.int().min(1).max(5_000).describe('Messages of each session.'),
  perSecond: perSecond(2_000),
}).refine(isBearable, BEARABLE);

const subscribeFlood = verb(
  'subscribe-flood',
  'Subscribes over many sessions, so that each message goes out many times.',
  {
    ...peer,
    sessions,
    filters: z
      .array(z.string().min(1).max(256))
      .min(1)
      .max(50)
      .describe('MQTT topic filters of each session.'),
    times: z
      .int()
      .min(1)
      .max(60)
      .default(1)
      .describe('How often each session subscribes to all of them again, once a second.'),
    hold: lasting,
  },
);

const exhaustQos2 = verb(
  'exhaust-qos2',
  'Publishes with QoS 2 and never releases, so that the broker has to keep each message.',
  {
    ...peer,
    sessions,
    topic: z.string().min(1).max(256).describe('Topic.'),
    payloadBytes,
    count: z
      .int()
      .min(1)
      .max(2_000)
      .describe('Messages of each session, each with an identifier of its own.'),
    perSecond: perSecond(1_000),
  },
).refine(isBearable, BEARABLE);

const rogueServer = verb(
  'rogue-server',
  'Listens at a place of its own, with or without TLS as whoever comes speaks first, and acts as a broker.',
  {
    connection: idSchema.describe('Name by which later steps speak of what comes in here.'),
    shows: credentialSchema.describe('Certificate that it shows where TLS is spoken; none: it makes one up.'),
    behaviour: z
      .enum(['answers', 'relays', 'listens', 'malforms', 'hangs-up'])
      .describe(
        'How it acts; answers: like a broker that hands nothing on; relays: to the broker, both ways; listens: passes ' +
          'TLS on to the broker as it is, cuts off whoever offers encryption, and reads where there is none; malforms: answers CONNECT with what no client takes; ' +
          'hangs-up: speaks neither TLS nor MQTT and hangs up, so that whoever is led to it is out of touch.',
      ),
    relaysAs: credentialSchema
      .optional()
      .describe('Whom it is to the broker when it relays; absent: nobody with a certificate.'),
    drops: z
      .array(z.enum(['alarm', 'event', 'telemetry', 'status', 'ack', 'command', 'receipt']))
      .default([])
      .describe('Messages that it keeps to itself when it relays, and confirms nevertheless.'),
    delays: durationSchema
      .refine((text) => durationMs(text) <= LONGEST_MS, 'at most 10m')
      .optional()
      .describe('How long each message that it relays stays with it.'),
  },
);

const misdirect = verb(
  'misdirect',
  'Leads pumps to a server of its own: answers of name or address resolution are forged in the network where the pumps are. Standing ' +
    'sessions break off.',
  {
    connection: idSchema.describe('Name of a `rogue-server`.'),
    pumps: pumpsSchema,
  },
);

const leadBack = verb(
  'lead-back',
  'Stops forging those answers, and closes the server: when pumps try again, they find the broker.',
  { connection: idSchema.describe('Name of a `rogue-server`.'), pumps: pumpsSchema },
);

const injectCommand = verb('inject-command', 'Sends a command to a pump that has come to a rogue server.', {
  connection: idSchema.describe('Name of a `rogue-server`.'),
  ...commandFields,
}).refine(hasItsFigure, needsItsFigure);

/** What an adversary does below MQTT, or in the middle of a connection. */
export const WIRE_VERBS = [
  sendMalformed,
  openConnections,
  publishFlood,
  subscribeFlood,
  exhaustQos2,
  rogueServer,
  misdirect,
  leadBack,
  injectCommand,
] as const;
