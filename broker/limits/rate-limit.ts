import type { Clock } from '../../clock/index.ts';
import {
  type Identity,
  type IdentityLimits,
  type Kind,
  type Limits,
  limitsByKind,
  type Reached,
} from '../../protocol/index.ts';
import { TokenBucket } from './token-bucket.ts';

/** What one identity has used of late. */
interface Account {
  readonly connects: TokenBucket;
  readonly publishes: TokenBucket;
  readonly bytes: TokenBucket;
}

/** How long a packet has to wait, and for which limit. */
export interface Wait extends Reached {
  readonly waitMs: number;
}

/** A header and a topic of the longest kind, beside the payload. */
const BESIDE_PAYLOAD_BYTES = 1_024;
/** Below this, nobody looks whether an account is still of use. */
const FEW_ACCOUNTS = 1_000;

/** `rate-limit`: connects, publications and bytes of one identity on the Clock, and how long one message may be. */
export class RateLimit {
  readonly #limits: Readonly<Record<Kind, IdentityLimits>>;
  readonly #clock: Clock;
  /** By kind and id, apart: no name has to be put together for every packet. */
  readonly #accounts = new Map<Kind, Map<string, Account>>();
  #count = 0;
  #sweepAt = FEW_ACCOUNTS;

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limitsByKind(limits);
    this.#clock = clock;
  }

  connect(identity: Identity): Reached | undefined {
    const { connects } = this.#account(identity);
    const nowMs = this.#clock.now();
    if (connects.waitMs(1, nowMs) === 0) {
      connects.take(1, nowMs);
      return undefined;
    }
    const { connectsPerMinute } = this.#limits[identity.kind];
    return { code: 'connect-rate', cause: `more than ${connectsPerMinute} connects a minute` };
  }

  /** Charges a packet, or says how long it has to wait. */
  packet(identity: Identity, isPublish: boolean, packetBytes: number): Wait | undefined {
    const { publishes, bytes } = this.#account(identity);
    const nowMs = this.#clock.now();
    const publishWaitMs = isPublish ? publishes.waitMs(1, nowMs) : 0;
    const byteWaitMs = bytes.waitMs(packetBytes, nowMs);
    if (publishWaitMs === 0 && byteWaitMs === 0) {
      if (isPublish) publishes.take(1, nowMs);
      bytes.take(packetBytes, nowMs);
      return undefined;
    }
    const limits = this.#limits[identity.kind];
    return publishWaitMs >= byteWaitMs
      ? {
          code: 'publish-rate',
          cause: `more than ${limits.publishes.perSecond} publications a second`,
          waitMs: publishWaitMs,
        }
      : {
          code: 'byte-rate',
          cause: `more than ${limits.bytes.perSecond} bytes a second`,
          waitMs: byteWaitMs,
        };
  }

  payload(identity: Identity, payloadBytes: number): Reached | undefined {
    const most = this.#limits[identity.kind].payloadBytes;
    return payloadBytes > most
      ? { code: 'payload-size', cause: `a payload of ${payloadBytes} bytes, more than ${most}` }
      : undefined;
  }

  largestPacketBytes(identity: Identity): number {
    return this.#limits[identity.kind].payloadBytes + BESIDE_PAYLOAD_BYTES;
  }

  /** Accounts that are kept now. */
  get accounts(): number {
    return this.#count;
  }

  #account(identity: Identity): Account {
    const known = this.#accounts.get(identity.kind)?.get(identity.id);
    if (known !== undefined) return known;
    const nowMs = this.#clock.now();
    this.#sweep(nowMs);
    const { connectsPerMinute, publishes, bytes } = this.#limits[identity.kind];
    const account: Account = {
      connects: new TokenBucket(connectsPerMinute / 60, connectsPerMinute, nowMs),
      publishes: new TokenBucket(publishes.perSecond, publishes.burst, nowMs),
      bytes: new TokenBucket(bytes.perSecond, bytes.burst, nowMs),
    };
    const ofKind = this.#accounts.get(identity.kind) ?? new Map<string, Account>();
    this.#accounts.set(identity.kind, ofKind.set(identity.id, account));
    this.#count += 1;
    return account;
  }

  /** An account whose buckets are full is as good as none. Looked at rarely enough to cost nothing a connect. */
  #sweep(nowMs: number): void {
    if (this.#count < this.#sweepAt) return;
    for (const ofKind of this.#accounts.values()) {
      for (const [id, { connects, publishes, bytes }] of ofKind) {
        if (!connects.isFull(nowMs) || !publishes.isFull(nowMs) || !bytes.isFull(nowMs)) continue;
        ofKind.delete(id);
        this.#count -= 1;
      }
    }
    this.#sweepAt = Math.max(FEW_ACCOUNTS, 2 * this.#count);
  }
}
