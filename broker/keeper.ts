import type { Audit } from './audit.ts';
import type { Host } from './host/host.ts';
import type { RateLimit } from './limits/rate-limit.ts';
import type { SessionQuota } from './limits/session-quota.ts';
import { payer, type Session } from './session.ts';
import { type Frame, PACKET } from './wire/framing.ts';
import type { Gatekeeper } from './wire/gate.ts';
import { filterCount } from './wire/packet-rules.ts';
import type { Violation } from './wire/violation.ts';

/** A CONNECT with a long client id and a will fits many times over. In every posture: before CONNECT there is nobody to trust. */
const LARGEST_BEFORE_CONNECT_BYTES = 64 * 1_024;
/** [MQTT 2.2.3] */
const LARGEST_BYTES = 268_435_455 + 5;

export interface KeeperOptions {
  readonly session: Session;
  readonly audit: Audit;
  /** Absent where `rate-limit` is off. */
  readonly rates: RateLimit | undefined;
  /** Absent where `session-quota` is off. */
  readonly quota: SessionQuota | undefined;
  /** Absent where its host bears whatever comes. */
  readonly host: Host | undefined;
  readonly nowMs: () => number;
  readonly traffic: Traffic;
  /** Publications of the session that wait for the disk. */
  waitingForDisk(session: Session): number;
  /** Something ended the session before it was open. */
  refused(cause: string): void;
}

/** MQTT packets of all sessions, without what TLS adds. */
export interface Traffic {
  bytesIn: number;
  bytesOut: number;
}

/** So many publications of one session may wait for the disk; then the broker stops reading from it for a moment. */
const MOST_WAITING_FOR_DISK = 1_000;
const DISK_WAIT_MS = 5;

/** What the gate of a session lets in, by the limits of whoever pays for it. */
export function keeperOf(options: KeeperOptions): Gatekeeper {
  const { session, audit, rates, quota, host, nowMs, traffic } = options;

  /** Whether the session occupies too much, which ends it. */
  const isOver = (): boolean => {
    const { use } = session;
    if (quota === undefined || use === undefined) return false;
    const reached = quota.inflight(use) ?? quota.outgoing(use, session.gate.writableLength);
    if (reached === undefined) return false;
    audit.limit(session, 'session.shed', reached);
    return true;
  };

  /** Whether a SUBSCRIBE asks for more than any session may have, which ends it. */
  const asksForTooMuch = (frame: Frame, bytes: Buffer): boolean => {
    const reached = session.use && quota?.filters(session.use, filterCount(bytes, frame));
    if (reached === undefined) return false;
    audit.limit(session, 'subscribe.denied', reached);
    return true;
  };

  return {
    largestPacketBytes: () => {
      if (session.identity === undefined) return LARGEST_BEFORE_CONNECT_BYTES;
      const who = payer(session);
      return rates === undefined || who === undefined ? LARGEST_BYTES : rates.largestPacketBytes(who);
    },
    tooLarge: (packet, bytes) => {
      if (session.identity === undefined) options.refused('too much was sent before CONNECT');
      else
        audit.limit(session, 'session.shed', { code: 'packet-size', cause: `a ${packet} of ${bytes} bytes` });
    },
    violated: (packet, { fault }: Violation) => {
      if (!session.open) return options.refused(fault);
      audit.denial(session, { event: 'packet.refused', control: null, cause: fault, object: packet });
    },
    meter: (frame, bytes) => {
      const busyMs = host?.waitMs(session) ?? 0;
      if (busyMs > 0) return busyMs;
      session.lastHeardMs = nowMs();
      const who = payer(session);
      if (session.identity === undefined || who === undefined) {
        traffic.bytesIn += bytesOf(frame);
        host?.takes(session, frame, bytes);
        return 0;
      }
      const wait = rates?.packet(who, frame.type === PACKET.publish, frame.end - frame.bodyStart + 2);
      if (wait !== undefined) {
        audit.limit(session, 'session.throttled', wait);
        return wait.waitMs;
      }
      if (frame.type === PACKET.publish && options.waitingForDisk(session) >= MOST_WAITING_FOR_DISK) {
        return DISK_WAIT_MS;
      }
      traffic.bytesIn += bytesOf(frame);
      host?.takes(session, frame, bytes);
      if (frame.type === PACKET.subscribe && asksForTooMuch(frame, bytes)) return 'refused';
      if (session.use !== undefined) countAcknowledgement(session.use, frame, bytes);
      return isOver() ? 'refused' : 0;
    },
    sent: (messages, bytes) => {
      traffic.bytesOut += bytes;
      if (session.use === undefined || messages === 0) return;
      session.use.unacknowledged += messages;
      if (isOver()) session.gate.destroy();
    },
    stalled: () => {
      const cause = 'the reader took nothing of what waits for it';
      audit.limit(session, 'session.shed', { code: 'stalled', cause });
    },
  };
}

/** The fixed header is one byte and one to four of length [MQTT 2.2]. */
function bytesOf({ bodyStart, end }: Frame): number {
  const body = end - bodyStart;
  return body + (body < 128 ? 2 : body < 16_384 ? 3 : body < 2_097_152 ? 4 : 5);
}

/** Which messages wait for an acknowledgement, in both directions [MQTT 4.3]. */
function countAcknowledgement(use: NonNullable<Session['use']>, frame: Frame, bytes: Buffer): void {
  const { type, flags, bodyStart } = frame;
  if (type === PACKET.puback || type === PACKET.pubcomp) {
    use.unacknowledged = Math.max(0, use.unacknowledged - 1);
  } else if (type === PACKET.pubrel) {
    use.unreleased.delete(bytes.readUInt16BE(bodyStart));
  } else if (type === PACKET.publish && (flags & 6) === 4) {
    use.unreleased.add(bytes.readUInt16BE(bodyStart + 2 + bytes.readUInt16BE(bodyStart)));
  }
}
