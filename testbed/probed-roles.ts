import { createHash } from 'node:crypto';
import { decide, type PolicyRequest } from '../broker/index.ts';
import type {
  MqttRole,
  MqttRule,
  MqttService,
  MqttStep,
  MqttWitness,
  ProbeCredential,
  TlsService,
  TlsVisitor,
} from '../network/index.ts';
import { HELLO_HTTP, HELLO_MQTT } from '../network/index.ts';
import { DEFAULT_PROFILES, PROFILES } from '../pki/index.ts';
import {
  type ControlId,
  clientIdOf,
  type Identity,
  KINDS,
  type Kind,
  MACHINE_KINDS,
  parseSerial,
  type Serial,
  type TopicClass,
  topicFilter,
} from '../protocol/index.ts';
import { PROBED_TOPICS, probedTopic, probeMessage } from './probe-messages.ts';

export interface ProbedRolesOptions {
  readonly controls: ReadonlySet<ControlId>;
  /** Issues a certificate of the site. */
  readonly issue: (identity: Identity) => ProbeCredential;
  /** One that nobody here trusts. */
  readonly stranger: ProbeCredential;
  readonly rootPem: string;
  readonly nowMs: () => number;
}

/** The plan's names. */
const BROKER = { asset: 'broker', service: 'mqtt-tls' } as const;
const EST = { asset: 'est', service: 'est' } as const;
const OTHER = serial('PROBE-OTHER');

/** Who is let in by the servers that speak TLS, by the certificate that is shown. */
export function probedTls(options: ProbedRolesOptions): readonly TlsService[] {
  const { controls, issue, stranger, rootPem } = options;
  const asked = controls.has('mutual-tls');
  const shown: readonly Omit<TlsVisitor, 'expected' | 'by'>[] = [
    ...KINDS.map((role) => ({ role, credential: issue({ kind: role, id: 'PROBE-TLS' }) })),
    { role: 'stranger', credential: stranger },
    { role: 'none' },
  ];
  const by = asked ? 'control mutual-tls' : 'no control';
  const atBroker = shown.map((visitor): TlsVisitor => {
    const isLetIn = !asked || KINDS.some((kind) => kind === visitor.role && isClient(kind));
    return { ...visitor, expected: isLetIn ? 'accepted' : 'refused', by };
  });
  // Enrolment shakes hands with everybody: who has no certificate yet comes for one, and is judged by what it asks for [RFC 7030 §3.3.2].
  const atEst = shown.map(
    (visitor): TlsVisitor => ({ ...visitor, expected: 'accepted', by: 'enrolment, which judges requests' }),
  );
  return [
    { ...BROKER, say: HELLO_MQTT, rootPem, visitors: atBroker },
    { ...EST, say: HELLO_HTTP, rootPem, visitors: atEst },
  ];
}

/** What each machine may say and read at the broker: the broker's own table, asked without a broker. */
export function probedMqtt(options: ProbedRolesOptions): readonly MqttService[] {
  const { controls } = options;
  const asked = controls.has('mutual-tls');
  const rules = [
    ...MACHINE_KINDS.flatMap((kind) => rulesOf(kind, controls)),
    ...(asked ? [connectRule('none', false, 'control mutual-tls')] : []),
  ];
  return [
    {
      ...BROKER,
      over: 'tls',
      rules,
      comers: (zone, ipVersion) => comers(options, shortOf(`${zone} ${ipVersion}`)),
    },
  ];
}

function isClient(kind: Kind): boolean {
  const purposes: readonly string[] = PROFILES[DEFAULT_PROFILES[kind]].extendedKeyUsage;
  return purposes.includes('clientAuth');
}

function connectRule(role: string, isAllowed: boolean, by: string): MqttRule {
  return { role, does: 'connect', topics: '', expected: isAllowed ? 'allowed' : 'denied', by };
}

/** @param place a pump, an observer, … of every place is another one, so that none ends the session of another */
function comers({ controls, issue, nowMs }: ProbedRolesOptions, place: string) {
  const asked = controls.has('mutual-tls');
  const who = (kind: Kind, id: string) => {
    const identity = { kind, id } as const;
    return { clientId: clientIdOf(identity), credential: issue(identity) };
  };
  const reader = serial(`PROBE-R-${place}`);
  const roles = MACHINE_KINDS.map((kind): MqttRole => {
    const identity: Identity = { kind, id: `PROBE-${place}` };
    const steps = tries(kind, identity, reader).map((one): MqttStep => stepOf(one, identity, nowMs()));
    return { role: kind, ...who(kind, identity.id), steps };
  });
  const nobody: MqttRole = { role: 'none', clientId: `observer:PROBE-N-${place}`, steps: [] };
  const witnesses: readonly MqttWitness[] = [
    {
      name: 'observer',
      ...who('observer', reader),
      filters: READ_BY_OBSERVER.map((one) => topicFilter(one)),
    },
    { name: 'nurse-station', ...who('nurse-station', reader), filters: ['pumps/+/patient'] },
    { name: 'pump-server', ...who('pump-server', reader), filters: ['artifacts/+/request/+'] },
    { name: 'pump', ...who('pump', reader), filters: [topicFilter({ kind: 'artifact-chunk' }, reader)] },
  ];
  return { roles: [...roles, ...(asked ? [nobody] : [])], witnesses };
}

/** One thing that is tried, before it is known by whom. */
interface Try {
  readonly does: 'subscribe' | 'publish';
  readonly topics: string;
  readonly of: TopicClass;
  /** Whose topics. */
  readonly serial: Serial;
  readonly reader: Serial;
}

/** Pumps are asked for their own topics and for another's, everybody else for any. */
function tries(kind: Kind, identity: Identity, reader: Serial): readonly Try[] {
  const whose: readonly (readonly [suffix: string, serial: Serial])[] =
    kind === 'pump'
      ? [
          ['', serial(identity.id)],
          [' of another', OTHER],
        ]
      : [['', OTHER]];
  return (['subscribe', 'publish'] as const).flatMap((does) =>
    whose.flatMap(([suffix, of]) =>
      PROBED_TOPICS.filter(([, topics]) => suffix === '' || hasOwner(topics)).map(
        ([label, topics]): Try => ({ does, topics: `${label}${suffix}`, of: topics, serial: of, reader }),
      ),
    ),
  );
}

function hasOwner({ kind }: TopicClass): boolean {
  return kind === 'pump' || kind === 'artifact-request' || kind === 'artifact-chunk';
}

function requestOf({ does, of, serial: whose, reader }: Try): PolicyRequest {
  if (does === 'subscribe') return { action: 'subscribe', filter: topicFilter(of, whose) };
  // Chunks go to the pump that reads along.
  const to = of.kind === 'artifact-chunk' && whose === OTHER ? reader : whose;
  return { action: 'publish', topic: probedTopic(of, to), retain: false };
}

function rulesOf(role: Kind, controls: ReadonlySet<ControlId>): readonly MqttRule[] {
  const isLetIn = !controls.has('mutual-tls') || isClient(role);
  const connect = connectRule(role, isLetIn, 'control mutual-tls');
  if (!isLetIn) return [connect];
  const identity: Identity = { kind: role, id: 'PROBE' };
  const rules = tries(role, identity, OTHER).map((one): MqttRule => {
    const decision = decide(identity, requestOf(one), controls);
    const by = decision.allowed ? 'the table of roles' : `control ${decision.control}`;
    return {
      role,
      does: one.does,
      topics: one.topics,
      expected: decision.allowed ? 'allowed' : 'denied',
      by,
    };
  });
  return [connect, ...rules];
}

function stepOf(one: Try, identity: Identity, nowMs: number): MqttStep {
  const request = requestOf(one);
  if (request.action === 'subscribe') {
    return { does: 'subscribe', topics: one.topics, filter: request.filter };
  }
  // As long as the id of a boot may be, and of this message alone.
  const mark = `${identity.kind}-${one.topics.replaceAll(' ', '-')}-${identity.id}`;
  const witness = witnessOf(one);
  return {
    ...{ does: 'publish', topics: one.topics, topic: request.topic },
    payload: probeMessage(one.of, identity, mark, nowMs),
    ...(witness !== undefined && { witness }),
  };
}

/** A name of zones may be longer than one in a certificate. */
function shortOf(place: string): string {
  return createHash('sha256').update(place).digest('hex').slice(0, 10);
}

/** Who may read it: PUBACK alone does not say that a message was handed on. */
function witnessOf({ of, serial: whose }: Try): string | undefined {
  if (of.kind === 'artifact-request') return 'pump-server';
  if (of.kind === 'artifact-chunk') return whose === OTHER ? 'pump' : undefined;
  if (of.kind === 'pump' && of.topic === 'patient') return 'nurse-station';
  return 'observer';
}

const READ_BY_OBSERVER: readonly TopicClass[] = PROBED_TOPICS.map(([, topics]) => topics).filter(
  (topics) =>
    topics.kind !== 'artifact-request' &&
    topics.kind !== 'artifact-chunk' &&
    !(topics.kind === 'pump' && topics.topic === 'patient'),
);

function serial(text: string): Serial {
  const parsed = parseSerial(text);
  if (parsed === undefined) throw new Error(`${text} is no serial number`);
  return parsed;
}
