import { z } from 'zod';
import {
  type AckMessage,
  type AlarmMessage,
  type ArtifactRequestMessage,
  ackMessage,
  alarmMessage,
  artifactRequestMessage,
  type EventMessage,
  eventMessage,
  type IdentityUrn,
  type Parsed,
  parseMessage,
  parseTopic,
  type Serial,
  type StatusMessage,
  statusMessage,
  type TelemetryMessage,
  telemetryMessage,
  urnOf,
} from '../protocol/index.ts';

/** What a pump says to the server, and that the pump of the topic says it. */
export type Uplink =
  | { readonly kind: 'state'; readonly serial: Serial; readonly message: StatusMessage | TelemetryMessage }
  | { readonly kind: 'record'; readonly serial: Serial; readonly message: AlarmMessage | EventMessage }
  | { readonly kind: 'ack'; readonly serial: Serial; readonly message: AckMessage }
  | {
      readonly kind: 'artifact-request';
      readonly serial: Serial;
      readonly digest: string;
      readonly message: ArtifactRequestMessage;
    };

/** What is no message of the pump of its topic, named as the evidence names it. */
export interface NoUplink {
  readonly kind: 'malformed' | 'misattributed';
  readonly cause: string;
  /** Who says that it said so; `null` where nothing could be read. */
  readonly from: IdentityUrn | null;
  /** A record of the log of the pump of its topic, of which only the number can be read. */
  readonly unreadable?: { readonly serial: Serial; readonly stream: 'alarm' | 'event'; readonly seq: number };
}

/** So large may a record be of which the number is looked for. */
const LARGEST_UNREADABLE_BYTES = 1024 * 1024;
/** Just enough of a record to say which one it is: alarms and events share one numbering, other messages have their own. */
const numbered = z.object({ type: z.enum(['alarm', 'event']), from: z.string(), seq: z.int().nonnegative() });

/** Reads whatever came on a topic. Any bytes are fine as input. */
export function readUplink(name: string, payload: Uint8Array): Uplink | NoUplink {
  const topic = parseTopic(name);
  if (topic?.kind === 'artifact-request') {
    const { serial, digest } = topic;
    return attributed(serial, parseMessage(artifactRequestMessage, payload), (message) => ({
      kind: 'artifact-request',
      serial,
      digest,
      message,
    }));
  }
  if (topic?.kind !== 'pump') return { kind: 'malformed', cause: 'not a topic of the server', from: null };
  const { serial } = topic;
  const state = (message: StatusMessage | TelemetryMessage): Uplink => ({ kind: 'state', serial, message });
  const record = (message: AlarmMessage | EventMessage): Uplink => ({ kind: 'record', serial, message });
  const orUnreadable = (read: Uplink | NoUplink, stream: 'alarm' | 'event'): Uplink | NoUplink => {
    const seq = read.kind === 'malformed' ? numberOf(serial, payload) : undefined;
    return read.kind !== 'malformed' || seq === undefined
      ? read
      : { ...read, unreadable: { serial, stream, seq } };
  };
  switch (topic.topic) {
    case 'status':
      return attributed(serial, parseMessage(statusMessage, payload), state);
    case 'telemetry':
      return attributed(serial, parseMessage(telemetryMessage, payload), state);
    case 'alarm':
      return orUnreadable(attributed(serial, parseMessage(alarmMessage, payload), record), 'alarm');
    case 'event':
      return orUnreadable(attributed(serial, parseMessage(eventMessage, payload), record), 'event');
    case 'ack':
      return attributed(serial, parseMessage(ackMessage, payload), (message) => ({
        kind: 'ack',
        serial,
        message,
      }));
    default:
      return { kind: 'malformed', cause: 'not a topic of the server', from: null };
  }
}

function attributed<M extends { readonly from: IdentityUrn }>(
  serial: Serial,
  parsed: Parsed<M>,
  uplink: (message: M) => Uplink,
): Uplink | NoUplink {
  if (!parsed.ok) return { kind: 'malformed', cause: parsed.reason, from: null };
  const { message } = parsed;
  if (message.from === urnOf({ kind: 'pump', id: serial })) return uplink(message);
  return { kind: 'misattributed', cause: 'the sender is not the pump of the topic', from: message.from };
}

/** The number of a record that follows no schema, if the pump of its topic says that it is its own. */
function numberOf(serial: Serial, payload: Uint8Array): number | undefined {
  if (payload.length > LARGEST_UNREADABLE_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
  const { data } = numbered.safeParse(value);
  return data?.from === urnOf({ kind: 'pump', id: serial }) ? data.seq : undefined;
}
