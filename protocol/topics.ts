import { isId, parseSerial, type Serial } from './identity.ts';

/** The topics below `pumps/<serial>/`. */
export const PUMP_TOPICS = [
  'status',
  'telemetry',
  'alarm',
  'event',
  'command',
  'ack',
  'patient',
  'order',
  'receipt',
  'renewal',
] as const;
export type PumpTopic = (typeof PUMP_TOPICS)[number];

/** What is released to a care area, by the first level of its topic. */
const CARE_AREA_RELEASES = {
  ceilings: 'ceiling-release',
  libraries: 'library-release',
  configurations: 'configuration-release',
} as const;
type CareAreaRelease = (typeof CARE_AREA_RELEASES)[keyof typeof CARE_AREA_RELEASES];

/** What a topic of ours says. No other place in the house takes a topic apart. */
export type Topic =
  | { readonly kind: 'pump'; readonly serial: Serial; readonly topic: PumpTopic }
  | { readonly kind: CareAreaRelease; readonly careArea: string }
  | { readonly kind: 'firmware-release'; readonly model: string }
  | { readonly kind: 'artifact-request'; readonly digest: string; readonly serial: Serial }
  | {
      readonly kind: 'artifact-chunk';
      readonly digest: string;
      readonly serial: Serial;
      readonly offset: number;
    };

/** A SHA-256 digest in lower-case hexadecimal. */
const DIGEST = /^[0-9a-f]{64}$/;
const OFFSET = /^(?:0|[1-9][0-9]{0,11})$/;

/** The topic name for what is to be said. */
export function topicName(topic: Topic): string {
  switch (topic.kind) {
    case 'pump':
      return `pumps/${topic.serial}/${topic.topic}`;
    case 'ceiling-release':
      return `ceilings/${topic.careArea}/release`;
    case 'library-release':
      return `libraries/${topic.careArea}/release`;
    case 'configuration-release':
      return `configurations/${topic.careArea}/release`;
    case 'firmware-release':
      return `firmware/${topic.model}/release`;
    case 'artifact-request':
      return `artifacts/${topic.digest}/request/${topic.serial}`;
    case 'artifact-chunk':
      return `artifacts/${topic.digest}/chunk/${topic.serial}/${topic.offset}`;
  }
}

/** `pumps/<serial>/<topic>` */
export function pumpTopic(serial: Serial, topic: PumpTopic): string {
  return topicName({ kind: 'pump', serial, topic });
}

/** A class of topics: what they say, whoever says it. */
export type TopicClass =
  | { readonly kind: 'pump'; readonly topic: PumpTopic }
  | { readonly kind: Exclude<Topic['kind'], 'pump'> };

/** The filter that takes in a class of topics, of one pump or (`+`) of every one. */
export function topicFilter(topicClass: TopicClass, serial: Serial | '+' = '+'): string {
  switch (topicClass.kind) {
    case 'pump':
      return `pumps/${serial}/${topicClass.topic}`;
    case 'ceiling-release':
      return 'ceilings/+/release';
    case 'library-release':
      return 'libraries/+/release';
    case 'configuration-release':
      return 'configurations/+/release';
    case 'firmware-release':
      return 'firmware/+/release';
    case 'artifact-request':
      return `artifacts/+/request/${serial}`;
    case 'artifact-chunk':
      return `artifacts/+/chunk/${serial}/+`;
  }
}

/** A filter for one topic of every pump: `pumps/+/<topic>`. */
export function everyPump(topic: PumpTopic): string {
  return topicFilter({ kind: 'pump', topic });
}

/** A filter for all chunks of one artefact addressed to one pump. */
export function chunksFor(digest: string, serial: Serial): string {
  return `artifacts/${digest}/chunk/${serial}/+`;
}

/** A filter for the requests for any artefact from any pump. */
export const EVERY_ARTIFACT_REQUEST = topicFilter({ kind: 'artifact-request' });

/** @returns `undefined` for a name that is none of ours. */
export function parseTopic(name: string): Topic | undefined {
  const [root, a, b, c, d, ...rest] = name.split('/');
  if (rest.length > 0 || a === undefined || b === undefined) return undefined;
  switch (root) {
    case 'pumps': {
      const serial = parseSerial(a);
      if (serial === undefined || c !== undefined || !isPumpTopic(b)) return undefined;
      return { kind: 'pump', serial, topic: b };
    }
    case 'ceilings':
    case 'libraries':
    case 'configurations':
      return b === 'release' && c === undefined && isId(a)
        ? { kind: CARE_AREA_RELEASES[root], careArea: a }
        : undefined;
    case 'firmware':
      return b === 'release' && c === undefined && isId(a)
        ? { kind: 'firmware-release', model: a }
        : undefined;
    case 'artifacts': {
      const serial = c === undefined ? undefined : parseSerial(c);
      if (serial === undefined || !DIGEST.test(a)) return undefined;
      if (b === 'request' && d === undefined) return { kind: 'artifact-request', digest: a, serial };
      if (b === 'chunk' && d !== undefined && OFFSET.test(d)) {
        return { kind: 'artifact-chunk', digest: a, serial, offset: Number(d) };
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

function isPumpTopic(text: string): text is PumpTopic {
  return (PUMP_TOPICS as readonly string[]).includes(text);
}

/**
 * Whether a filter takes in a topic name, as [MQTT-4.7.1] and [MQTT-4.7.2-1] have it: `+` stands for one level,
 * `#` for all that follow and for the parent, and neither reaches a name that begins with `$`.
 */
export function filterMatches(filter: string, name: string): boolean {
  if (name.startsWith('$') && !filter.startsWith('$')) return false;
  const wanted = filter.split('/');
  const given = name.split('/');
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return given.length >= index;
    if (given[index] === undefined) return false;
    if (level !== '+' && level !== given[index]) return false;
  }
  return wanted.length === given.length;
}
