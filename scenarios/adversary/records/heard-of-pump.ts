import { z } from 'zod';
import { channelTelemetry, type StatusMessage, statusMessage } from '../../../protocol/index.ts';
import type { Captured } from '../mqtt/foothold.ts';

const numbered = z.object({ bootId: z.string(), seq: z.number() });
const telemetry = z.object({ body: z.object({ channels: z.array(channelTelemetry).min(1) }) });

/** What an eavesdropper knows of a pump: enough to go on in its name. */
export interface HeardOfPump {
  /** `undefined`: nothing was heard. */
  readonly bootId: string | undefined;
  /** The next number of a stream; alarms and events share one, the log. */
  next(stream: 'status' | 'telemetry' | 'log'): number;
  readonly status: StatusMessage['body'] | undefined;
  readonly channels: readonly z.infer<typeof channelTelemetry>[] | undefined;
}

/** Reads the newest of each stream that was captured of one pump; what cannot be read says nothing. */
export function heardOfPump(serial: string, captured: readonly Captured[]): HeardOfPump {
  const newest = new Map<
    string,
    { readonly bootId: string; readonly seq: number; readonly value: unknown }
  >();
  for (let index = captured.length - 1; index >= 0 && newest.size < 3; index -= 1) {
    const { topic = '', payload = Buffer.alloc(0) } = captured[index] ?? {};
    const [root, pump, kind = ''] = topic.split('/');
    const stream = STREAMS.get(kind);
    if (root !== 'pumps' || pump !== serial || stream === undefined || newest.has(stream)) continue;
    const value = jsonOf(payload);
    const message = numbered.safeParse(value).data;
    if (message !== undefined) newest.set(stream, { ...message, value });
  }
  const value = (stream: string): unknown => newest.get(stream)?.value;
  return {
    bootId: (newest.get('status') ?? newest.get('telemetry') ?? newest.get('log'))?.bootId,
    status: statusMessage.safeParse(value('status')).data?.body,
    channels: telemetry.safeParse(value('telemetry')).data?.body.channels,
    next: (stream) => (newest.get(stream)?.seq ?? -1) + 1,
  };
}

const STREAMS: ReadonlyMap<string, 'status' | 'telemetry' | 'log'> = new Map([
  ['status', 'status'],
  ['telemetry', 'telemetry'],
  ['alarm', 'log'],
  ['event', 'log'],
]);

function jsonOf(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}
