import { type EvidenceEvent, parseTopic, parseUrn } from '../../protocol/index.ts';

/**
 * What a rule can ask of an event: the fields of the event that a blue team's tools would have, and what follows from
 * them. Each is a text, or `null` where the event does not say.
 */
const READERS = {
  /** The component that reported it, without the serial number of a pump. */
  source: ({ source }) => source.split(':', 1)[0] ?? source,
  event: ({ event }) => event,
  outcome: ({ outcome }) => outcome,
  control: ({ control }) => control,
  object: ({ object }) => object,
  subject: ({ subject }) => subject,
  subjectKind: ({ subject }) => (subject === null ? null : (parseUrn(subject)?.kind ?? null)),
  subjectId: ({ subject }) => (subject === null ? null : (parseUrn(subject)?.id ?? null)),
  address: ({ address }) => address,
  zone: ({ zone }) => zone,
  session: ({ session }) => session,
  certificate: ({ certificateFingerprint }) => certificateFingerprint,
  cause: ({ cause }) => cause,
  /** The pump that it is about: whose topic it is, or who reports it, or who it is about. */
  pump: pumpOf,
} as const satisfies Record<string, (event: EvidenceEvent) => string | null>;

export type EventField = keyof typeof READERS;
export const EVENT_FIELDS = Object.keys(READERS) as [EventField, ...EventField[]];

export function fieldOf(event: EvidenceEvent, field: EventField): string | null {
  return READERS[field](event);
}

function pumpOf({ source, subject, object }: EvidenceEvent): string | null {
  const topic = object === null ? undefined : parseTopic(object);
  if (topic !== undefined && 'serial' in topic) return topic.serial;
  if (source.startsWith('pump:')) return source.slice('pump:'.length);
  const identity = subject === null ? undefined : parseUrn(subject);
  return identity?.kind === 'pump' ? identity.id : null;
}
