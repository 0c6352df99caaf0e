import { z } from 'zod';
import { PumprangeError } from '../../protocol/index.ts';

/** A message as Aedes keeps it, or the PUBREL that took its place [MQTT 4.3.3]. */
export interface KeptPacket {
  readonly cmd: 'publish' | 'pubrel';
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: number;
  readonly retain: boolean;
  readonly brokerId?: string | undefined;
  readonly brokerCounter?: number | undefined;
  readonly messageId?: number | undefined;
}

const packetFields = {
  cmd: z.enum(['publish', 'pubrel']),
  topic: z.string(),
  qos: z.int().min(0).max(2),
  retain: z.boolean(),
  messageId: z.int().optional(),
};
const keptSubscription = z.strictObject({ topic: z.string(), qos: z.int().min(0).max(2) });

/** What stands under each kind of key; a payload follows the line of JSON. */
const schemas = {
  /** The last message of a topic with RETAIN. */
  retained: z.strictObject(packetFields),
  subscription: z.strictObject({ clientId: z.string(), subscription: keptSubscription }),
  /** A message that waits for a kept session. */
  queued: z.strictObject({ clientId: z.string(), ...packetFields }),
  /** A QoS 2 message whose PUBREL has not come. */
  incoming: z.strictObject({ clientId: z.string(), ...packetFields }),
  will: z.strictObject({ clientId: z.string(), ...packetFields }),
  /** A publication that was taken in and perhaps not handed on. */
  intake: z.strictObject(packetFields),
  /** Whom the limits of a kept session are charged to. */
  holder: z.strictObject({ clientId: z.string(), holder: z.string() }),
};
type Schemas = typeof schemas;
export type RecordKind = keyof Schemas;
type HeaderOf<K extends RecordKind> = z.infer<Schemas[K]>;
export type KeptSubscription = z.infer<typeof keptSubscription>;

/** Sorted as text: records of a queue come back in the order in which they were written. */
const SEPARATOR = '!';
const NEW_LINE = 0x0a;
const NOTHING: Buffer = Buffer.alloc(0);

export function keyOf(kind: RecordKind, ...names: readonly (string | number)[]): string {
  const parts = names.map((name) =>
    typeof name === 'number' ? String(name).padStart(16, '0') : encodeURIComponent(name),
  );
  return [kind, ...parts].join(SEPARATOR);
}

/** The number at the end of a key, 0 if there is none. */
export function numberIn(key: string): number {
  return Number(/!(\d{16})$/.exec(key)?.[1] ?? 0);
}

export function encodeRecord<K extends RecordKind>(_kind: K, header: HeaderOf<K>, payload = NOTHING): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), payload]);
}

export function packetHeader({ cmd, topic, qos, retain, messageId }: KeptPacket) {
  return { cmd, topic, qos, retain, ...(messageId === undefined ? {} : { messageId }) };
}

type Decoded = {
  [K in RecordKind]: { readonly kind: K; readonly header: HeaderOf<K>; readonly payload: Buffer };
}[RecordKind];

/** @throws PumprangeError `PR_STORE_UNREADABLE` */
export function decodeRecord(key: string, value: Buffer): Decoded {
  const kind = key.slice(0, key.indexOf(SEPARATOR));
  const end = value.indexOf(NEW_LINE);
  try {
    const header: unknown = JSON.parse(value.subarray(0, end).toString());
    const payload = Buffer.from(value.subarray(end + 1));
    switch (kind) {
      case 'retained':
      case 'intake':
        return { kind, header: schemas[kind].parse(header), payload };
      case 'subscription':
        return { kind, header: schemas[kind].parse(header), payload };
      case 'queued':
      case 'incoming':
      case 'will':
        return { kind, header: schemas[kind].parse(header), payload };
      case 'holder':
        return { kind, header: schemas[kind].parse(header), payload };
      default:
        throw new TypeError('a kind of record that this version does not know');
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PumprangeError('PR_STORE_UNREADABLE', `the record ${JSON.stringify(key)}: ${reason}`, {
      cause: error,
    });
  }
}
