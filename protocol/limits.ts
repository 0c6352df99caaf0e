import { z } from 'zod';
import { KINDS, type Kind } from './identity.ts';

const count = z.int().positive();
const rate = z.strictObject({ perSecond: z.number().positive(), burst: count });

/** What one identity may use, over all of its sessions unless it says otherwise. */
const identityLimits = z.strictObject({
  /** `rate-limit`: CONNECTs in any minute, refused ones too. */
  connectsPerMinute: count,
  /** `rate-limit`: PUBLISH packets. Beyond it the broker stops reading, and nothing is lost. */
  publishes: rate,
  /** `rate-limit`: bytes of whole packets of any type. Beyond it the broker stops reading. */
  bytes: rate,
  /** `rate-limit`: payload of one publication. */
  payloadBytes: count,
  /** `session-quota`: sessions open or opening at a time. */
  sessions: count,
  /** `session-quota`: filters of one session, and of one SUBSCRIBE. */
  subscriptions: count,
  /** `session-quota`: QoS 1 and 2 messages of one session that wait for an acknowledgement, in each direction. */
  inflight: count,
  /** `session-quota`: messages kept for one session that is away. */
  queuedMessages: count,
  /** `session-quota`: bytes on their way to one session that it has not read. */
  outgoingBytes: count,
});
export type IdentityLimits = z.infer<typeof identityLimits>;

/** The settings of `rate-limit` and `session-quota`. Times run on the Clock. */
export const limitsSchema = z.strictObject({
  /** `session-quota`: from the TCP connection to the end of the TLS handshake. */
  handshakeMs: count,
  /** `session-quota`: from there to CONNECT [MQTT-3.1.4]. */
  connectMs: count,
  /**
   * `session-quota`: the longest keep-alive that is honoured. A longer one, and 0, count as this: MQTT 3.1.1 has no way to tell the
   * client so, but lets a server end what it takes to be inactive [MQTT 3.1.2.10].
   */
  longestKeepAliveS: count,
  /** `session-quota`: how long a peer may read nothing while something waits for it. */
  stalledMs: count,
  /** `session-quota`: TCP connections of one address. */
  connectionsPerAddress: count,
  /** `session-quota`: those of them that have not been accepted by CONNACK yet. */
  unacceptedPerAddress: count,
  /** `session-quota`: a TLS handshake in which a peer sends more bytes is a large one. */
  handshakeBytes: count,
  /** `session-quota`: large handshakes of one address in any minute; then no handshake begins with it. */
  largeHandshakesPerMinute: count,
  default: identityLimits,
  /** What a kind has instead of the default. */
  byKind: z.partialRecord(z.enum(KINDS), identityLimits.partial()),
});
export type Limits = z.infer<typeof limitsSchema>;

/** Kinds that speak with the whole floor: an answer to each of 10,000 pumps, or a status of each. */
const WHOLE_FLOOR: Partial<IdentityLimits> = {
  connectsPerMinute: 600,
  publishes: { perSecond: 20_000, burst: 50_000 },
  bytes: { perSecond: 200_000_000, burst: 200_000_000 },
  payloadBytes: 512 * 1_024,
  sessions: 200,
  inflight: 50_000,
  queuedMessages: 20_000,
  outgoingBytes: 64 * 1_024 * 1_024,
};

/**
 * Roomy: several times what the shipped wards and 10,000 pumps on one address use (a pump says about one message a second; one that
 * comes back after a day sends its log, some thousand entries).
 */
export const DEFAULT_LIMITS: Limits = {
  handshakeMs: 10_000,
  connectMs: 10_000,
  longestKeepAliveS: 1_200,
  stalledMs: 60_000,
  connectionsPerAddress: 20_000,
  unacceptedPerAddress: 5_000,
  // A pump sends about 1.7 KB, and 4 KB with RSA-3072 throughout.
  handshakeBytes: 8 * 1_024,
  largeHandshakesPerMinute: 3,
  default: {
    connectsPerMinute: 120,
    publishes: { perSecond: 500, burst: 10_000 },
    bytes: { perSecond: 1_000_000, burst: 16_000_000 },
    payloadBytes: 64 * 1_024,
    sessions: 20,
    subscriptions: 100,
    inflight: 2_000,
    queuedMessages: 1_000,
    outgoingBytes: 4 * 1_024 * 1_024,
  },
  byKind: {
    'pump-server': WHOLE_FLOOR,
    'nurse-station': WHOLE_FLOOR,
    gateway: WHOLE_FLOOR,
    observer: WHOLE_FLOOR,
  },
};

/** What each kind may use: the default with what its kind has instead. */
export function limitsByKind(limits: Limits): Readonly<Record<Kind, IdentityLimits>> {
  const of = (kind: Kind): IdentityLimits =>
    identityLimits.parse({ ...limits.default, ...limits.byKind[kind] });
  return z
    .record(z.enum(KINDS), identityLimits)
    .parse(Object.fromEntries(KINDS.map((kind) => [kind, of(kind)])));
}

/** The codes of the audit entries: `limit.<code>`. */
export const RATE_LIMIT_CODES = [
  'connect-rate',
  'publish-rate',
  'byte-rate',
  'payload-size',
  'packet-size',
] as const;
export const SESSION_QUOTA_CODES = [
  'handshake-time',
  'connect-time',
  'address-connections',
  'address-unaccepted',
  'handshake-bytes',
  'sessions',
  'subscriptions',
  'inflight',
  'queued-messages',
  'outgoing-bytes',
  'stalled',
  'keep-alive',
] as const;
export type LimitCode = (typeof RATE_LIMIT_CODES)[number] | (typeof SESSION_QUOTA_CODES)[number];

/** A limit that was reached: which, and how, in words. */
export interface Reached {
  readonly code: LimitCode;
  readonly cause: string;
}
