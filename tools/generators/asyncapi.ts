import { z } from 'zod';
import { RETAINED, RULES, type Rule } from '../../broker/policy/rules.ts';
import {
  ackMessage,
  alarmMessage,
  artifactRequestMessage,
  ceilingReleaseMessage,
  commandMessage,
  configurationReleaseMessage,
  eventMessage,
  firmwareReleaseMessage,
  KINDS,
  libraryReleaseMessage,
  orderMessage,
  PUMP_TOPICS,
  type PumpTopic,
  patientMessage,
  receiptMessage,
  renewalMessage,
  statusMessage,
  type TopicClass,
  telemetryMessage,
  topicFilter,
  urnSchema,
} from '../../protocol/index.ts';

/** A JSON value that this generator builds. */
type Json = { readonly [member: string]: unknown };

interface ChannelPlan {
  /** Member of `channels`, and the stem of names that refer to it. */
  readonly id: string;
  readonly address: string;
  readonly topics: TopicClass;
  readonly summary: string;
  /** `null`: bytes, no JSON. */
  readonly schema: z.ZodType | null;
  readonly qos: 0 | 1;
}

const PUMP_CHANNELS: Readonly<Record<PumpTopic, Pick<ChannelPlan, 'summary' | 'schema' | 'qos'>>> = {
  status: {
    summary: 'What the pump is and runs; retained, and the last will says `offline`.',
    schema: statusMessage,
    qos: 1,
  },
  telemetry: {
    summary:
      'Rates, volumes, pressure and battery; patient identifiers from pumps without `phi-minimization` only.',
    schema: telemetryMessage,
    qos: 0,
  },
  alarm: { summary: 'Alarms raised, silenced and cleared; part of the log.', schema: alarmMessage, qos: 1 },
  event: { summary: "The pump's own log as it grows.", schema: eventMessage, qos: 1 },
  command: { summary: 'A command to the pump.', schema: commandMessage, qos: 1 },
  ack: { summary: 'What became of a command.', schema: ackMessage, qos: 1 },
  patient: {
    summary: 'Who the patient is: the place for patient identifiers.',
    schema: patientMessage,
    qos: 1,
  },
  order: { summary: 'An order, to be matched and confirmed at the bedside.', schema: orderMessage, qos: 1 },
  receipt: {
    summary: 'Up to which number the log of the pump is stored; the pump may forget it.',
    schema: receiptMessage,
    qos: 1,
  },
  renewal: {
    summary: 'The certificate of the pump is to be renewed now: its authority is going.',
    schema: renewalMessage,
    qos: 1,
  },
};

const CHANNELS: readonly ChannelPlan[] = [
  ...PUMP_TOPICS.map(
    (topic): ChannelPlan => ({
      id: topic,
      address: `pumps/{serial}/${topic}`,
      topics: { kind: 'pump', topic },
      ...PUMP_CHANNELS[topic],
    }),
  ),
  {
    id: 'ceilingRelease',
    address: 'ceilings/{careArea}/release',
    topics: { kind: 'ceiling-release' },
    summary: 'The signed limits that stand above every drug library of a care area; retained.',
    schema: ceilingReleaseMessage,
    qos: 1,
  },
  {
    id: 'libraryRelease',
    address: 'libraries/{careArea}/release',
    topics: { kind: 'library-release' },
    summary: 'The signed manifest of the drug library of a care area; retained.',
    schema: libraryReleaseMessage,
    qos: 1,
  },
  {
    id: 'configurationRelease',
    address: 'configurations/{careArea}/release',
    topics: { kind: 'configuration-release' },
    summary: 'The signed device configuration of a care area; retained.',
    schema: configurationReleaseMessage,
    qos: 1,
  },
  {
    id: 'firmwareRelease',
    address: 'firmware/{model}/release',
    topics: { kind: 'firmware-release' },
    summary: 'The signed manifest of a firmware package for a model; retained.',
    schema: firmwareReleaseMessage,
    qos: 1,
  },
  {
    id: 'artifactRequest',
    address: 'artifacts/{digest}/request/{serial}',
    topics: { kind: 'artifact-request' },
    summary: 'A pump asks for a part of an artefact.',
    schema: artifactRequestMessage,
    qos: 1,
  },
  {
    id: 'artifactChunk',
    address: 'artifacts/{digest}/chunk/{serial}/{offset}',
    topics: { kind: 'artifact-chunk' },
    summary: 'The bytes of an artefact from that offset on.',
    schema: null,
    qos: 1,
  },
];

const PARAMETERS: Readonly<Record<string, string>> = {
  serial: 'Serial number of the pump, as in its certificate.',
  careArea: 'Care area, such as adult-icu.',
  model: 'Model, such as lvp.',
  digest: 'SHA-256 of the artefact, lower-case hexadecimal.',
  offset: 'Offset of the first byte, decimal.',
};

/**
 * The AsyncAPI 3.0 document that somebody implements a pump against. Operations are a pump's; who else says or reads a channel
 * stands in its `x-publish` and `x-subscribe`, taken from the broker's rules.
 */
export function asyncApiDocument(version: string): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Pumprange wire',
      version,
      description:
        'What virtual infusion pumps and the hospital say to each other over MQTT 3.1.1. TRAINING, NOT FOR HUMAN USE: this is no ' +
        "product's protocol. The envelope, its streams and its signatures are explained in docs/protocol.md.",
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      ward: {
        host: 'localhost:8883',
        protocol: 'mqtts',
        protocolVersion: '3.1.1',
        description: 'The broker of a ward, on loopback. Both ends present a certificate of the site.',
        security: [{ $ref: '#/components/securitySchemes/certificate' }],
      },
    },
    channels: record(CHANNELS, channel),
    operations: record(CHANNELS.flatMap(operations), ({ id: _, ...operation }) => operation),
    components: {
      messages: record(CHANNELS, message),
      schemas: record(
        CHANNELS.flatMap(({ id, schema }) => (schema === null ? [] : [{ id, schema }])),
        ({ schema }) => payload(schema),
      ),
      securitySchemes: {
        certificate: {
          type: 'X509',
          description:
            'The URI urn:pumprange:<kind>:<id> in the subject alternative name says who speaks; the client id is <kind>:<id>.',
        },
      },
    },
  };
}

function channel(plan: ChannelPlan): Json {
  const names = [...plan.address.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []);
  return {
    address: plan.address,
    summary: plan.summary,
    messages: { [plan.id]: { $ref: `#/components/messages/${plan.id}` } },
    parameters: Object.fromEntries(names.map((name) => [name, { description: PARAMETERS[name] ?? name }])),
    'x-publish': whoMay('publish', plan),
    'x-subscribe': whoMay('subscribe', plan),
    'x-retained': isRetained(plan),
  };
}

/** Kinds of identity with a right to a channel; `own` where it is the right to the topics of its own serial number. */
function whoMay(action: 'publish' | 'subscribe', plan: ChannelPlan): Json[] {
  return KINDS.flatMap((kind) =>
    RULES[kind][action]
      .filter((rule) => isOf(rule, plan))
      .map(({ whose }) => (plan.address.includes('{serial}') ? { kind, whose } : { kind })),
  );
}

function isRetained(plan: ChannelPlan): boolean {
  return RETAINED.some((rule) => isOf(rule, plan));
}

function isOf({ topics }: Rule, plan: ChannelPlan): boolean {
  return topicFilter(topics) === topicFilter(plan.topics);
}

/** What a pump does with a channel: sends, receives, or nothing. */
function operations(plan: ChannelPlan): (Json & { readonly id: string })[] {
  const actions = [
    ...(RULES.pump.publish.some((one) => isOf(one, plan)) ? ['send'] : []),
    ...(RULES.pump.subscribe.some((one) => isOf(one, plan)) ? ['receive'] : []),
  ];
  return actions.map((action) => ({
    id: `${action}${plan.id.charAt(0).toUpperCase()}${plan.id.slice(1)}`,
    action,
    channel: { $ref: `#/channels/${plan.id}` },
    summary: plan.summary,
    messages: [{ $ref: `#/channels/${plan.id}/messages/${plan.id}` }],
    bindings: {
      mqtt: {
        qos: plan.qos,
        ...(action === 'send' ? { retain: isRetained(plan) } : {}),
        bindingVersion: '0.2.0',
      },
    },
  }));
}

function message(plan: ChannelPlan): Json {
  return plan.schema === null
    ? {
        name: plan.id,
        summary: plan.summary,
        contentType: 'application/octet-stream',
        payload: { type: 'string', format: 'binary' },
      }
    : {
        name: plan.id,
        summary: plan.summary,
        payload: { $ref: `#/components/schemas/${plan.id}` },
      };
}

/** A draft-07 schema, of which the schemas of AsyncAPI 3.0 are a superset. */
function payload(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // Zod cannot say in JSON Schema what its own function checks; this is the same rule as a pattern.
      if (zodSchema === urnSchema) {
        jsonSchema.pattern = `^urn:pumprange:(?:${KINDS.join('|')}):[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$`;
      }
    },
  });
  return rest;
}

function record<T extends { readonly id: string }>(items: readonly T[], of: (item: T) => unknown): Json {
  return Object.fromEntries(items.map((item) => [item.id, of(item)]));
}
