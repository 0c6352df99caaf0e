import {
  Composer,
  type Identity,
  PUMP_TOPICS,
  type Serial,
  type Topic,
  type TopicClass,
  topicName,
  urnOf,
} from '../protocol/index.ts';

/** Nobody stands in it, so nobody takes what is released for it. */
const NOWHERE = 'probe';
const DIGEST = '0'.repeat(64);
const LIFE_MS = 60_000;
const BANNER = 'TRAINING, NOT FOR HUMAN USE';

/** Every class of topics, and what a table calls it. */
export const PROBED_TOPICS: readonly (readonly [label: string, topics: TopicClass])[] = [
  ...PUMP_TOPICS.map((topic) => [topic, { kind: 'pump', topic }] as const),
  ...(
    [
      'ceiling-release',
      'library-release',
      'configuration-release',
      'firmware-release',
      'artifact-request',
      'artifact-chunk',
    ] as const
  ).map((kind) => [kind, { kind }] as const),
];

/** The topic of a class on which somebody who probes publishes: that of a pump that is none, or of a care area where none stands. */
export function probedTopic(topics: TopicClass, serial: Serial): string {
  return topicName(topicOf(topics, serial));
}

function topicOf(topics: TopicClass, serial: Serial): Topic {
  switch (topics.kind) {
    case 'pump':
      return { ...topics, serial };
    case 'ceiling-release':
    case 'library-release':
    case 'configuration-release':
      return { kind: topics.kind, careArea: NOWHERE };
    case 'firmware-release':
      return { kind: topics.kind, model: NOWHERE };
    case 'artifact-request':
      return { kind: topics.kind, digest: DIGEST, serial };
    case 'artifact-chunk':
      return { kind: topics.kind, digest: DIGEST, serial, offset: 0 };
  }
}

/**
 * A message of a class that a broker takes for one: what is denied is then denied for who says it. No pump would act upon it; it is
 * unsigned, and meant for nobody.
 *
 * @param mark of this message alone
 */
export function probeMessage(topics: TopicClass, from: Identity, mark: string, nowMs: number): string {
  if (topics.kind === 'artifact-chunk') return `PUMPRANGE PROBE ${mark}`;
  const type = topics.kind === 'pump' ? topics.topic : topics.kind;
  const composer = new Composer(from, mark, () => nowMs);
  const time = new Date(nowMs).toISOString();
  return JSON.stringify(composer.compose(type, bodyOf(type, time), { expiresAtMs: nowMs + LIFE_MS }));
}

type MessageType =
  | Exclude<TopicClass['kind'], 'pump' | 'artifact-chunk'>
  | Extract<TopicClass, { kind: 'pump' }>['topic'];

function bodyOf(type: MessageType, time: string): object {
  const manifest = { version: 1, sequence: 1, digest: DIGEST, sizeBytes: 1, notAfter: time };
  const document = { version: 1, sequence: 1, notAfter: time, banner: BANNER };
  switch (type) {
    case 'status':
      return {
        ...{ link: 'offline', model: NOWHERE, hardwareRevision: '1', udi: NOWHERE, careArea: NOWHERE },
        ...{ firmware: '1.0.0', library: null, libraryPending: null, activeAlarms: [], capabilities: [] },
        schemaVersions: {},
      };
    case 'telemetry':
      return {
        channels: [
          {
            ...{ channel: 'A', therapy: 'off', drug: null, rateMlPerH: 0, deliveredMl: 0 },
            ...{ volumeToBeInfusedMl: 0, reservoirMl: 0, pressureMmHg: 0 },
          },
        ],
        ...{ power: 'mains', batteryPercent: 100 },
      };
    case 'alarm':
      return { alarm: NOWHERE, channel: null, priority: 'low', change: 'cleared', happenedAt: time };
    case 'event':
      return { event: NOWHERE, channel: null, happenedAt: time, detail: {} };
    case 'ack': {
      const answers = { from: urnOf({ kind: 'observer', id: NOWHERE }), bootId: NOWHERE, seq: 0 };
      return { answers, outcome: 'refused', control: null, reason: NOWHERE };
    }
    case 'patient':
      return { encounter: NOWHERE, patientName: NOWHERE, recordNumber: NOWHERE, bed: NOWHERE };
    case 'command':
      return { command: 'identify' };
    case 'order':
      return {
        ...{ orderId: NOWHERE, orderVersion: 1, channel: 'A', encounter: NOWHERE, drug: NOWHERE },
        ...{ rateMlPerH: 1, volumeToBeInfusedMl: 1 },
      };
    case 'receipt':
      return { upToSeq: 0 };
    case 'renewal':
      return { authority: DIGEST };
    case 'library-release':
      return {
        manifest: {
          ...{ document: 'library-manifest', library: NOWHERE, libraryVersion: '1.0.0', careArea: NOWHERE },
          ...{ models: [NOWHERE], minimumFirmware: '1.0.0', ...manifest },
        },
      };
    case 'firmware-release':
      return {
        manifest: {
          ...{ document: 'firmware-manifest', model: NOWHERE, firmwareVersion: '1.0.0', securityEpoch: 0 },
          ...manifest,
        },
      };
    case 'ceiling-release':
      return {
        ceiling: {
          ...{ document: 'library-ceiling', ceiling: NOWHERE, ceilingVersion: '1.0.0', careAreas: [NOWHERE] },
          ...{ limits: [{ drug: NOWHERE, doseUnit: 'mg/h', hardMax: 1 }], ...document },
        },
      };
    case 'configuration-release': {
      const settings = {
        ...{ timeServer: '127.0.0.1', networkProfile: NOWHERE, alarms: {} },
        brokerAddress: { host: '127.0.0.1', port: 8883 },
      };
      return {
        configuration: {
          ...{ document: 'device-configuration', configuration: NOWHERE, configurationVersion: '1.0.0' },
          ...{ careArea: NOWHERE, models: [NOWHERE], settings, ...document },
        },
      };
    }
    case 'artifact-request':
      return { offset: 0, length: 1 };
  }
}
