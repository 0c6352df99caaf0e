import { DEFAULT_LIMITS, type Limits } from './limits.ts';

/**
 * What the machine that a broker stands on can bear. It is there under every posture: no control makes a host larger, controls decide who
 * may use it up. A rehearsal with a few pumps has a host that is small in the same measure.
 */
export interface BrokerHost {
  /** TCP connections that are open at a time, whoever has them. */
  readonly connections: number;
  /** MQTT packets that it works on, coming in or going out. */
  readonly packetsPerSecond: number;
  /** Payloads that it can hold for later: retained, and QoS 2 that was not released. Beyond it the process is killed. */
  readonly heldBytes: number;
  /** From then until its supervisor has started it again. */
  readonly restartMs: number;
}

/**
 * The settings of `rate-limit` and `session-quota` that an administrator gives a broker on such a host: no address and no identity can use up
 * more than a part of it. Those who speak with the whole floor may have the larger part.
 */
export function limitsFor({ connections, packetsPerSecond, heldBytes }: BrokerHost): Limits {
  const part = (whole: number, share: number): number => Math.max(2, Math.floor(whole * share));
  const floor = {
    ...DEFAULT_LIMITS.byKind['pump-server'],
    connectsPerMinute: 30,
    publishes: { perSecond: part(packetsPerSecond, 0.3), burst: packetsPerSecond },
    bytes: { perSecond: part(heldBytes, 0.25), burst: heldBytes },
    sessions: 2,
    inflight: 500,
    queuedMessages: 500,
  };
  return {
    ...DEFAULT_LIMITS,
    handshakeMs: 5_000,
    connectMs: 5_000,
    // The longest that anything on the floor asks for.
    longestKeepAliveS: 180,
    connectionsPerAddress: part(connections, 0.34),
    unacceptedPerAddress: part(connections, 0.25),
    default: {
      ...DEFAULT_LIMITS.default,
      connectsPerMinute: 12,
      publishes: { perSecond: part(packetsPerSecond, 0.05), burst: part(packetsPerSecond, 0.5) },
      bytes: { perSecond: part(heldBytes, 0.03), burst: part(heldBytes, 0.15) },
      payloadBytes: part(heldBytes, 0.1),
      sessions: 1,
      subscriptions: 20,
      inflight: 50,
      queuedMessages: 50,
    },
    byKind: {
      'pump-server': floor,
      'nurse-station': floor,
      gateway: floor,
      observer: { ...floor, publishes: { perSecond: 1, burst: 2 } },
    },
  };
}
