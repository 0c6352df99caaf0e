import type { Clock } from '../../clock/index.ts';
import type { Limits, Reached } from '../../protocol/index.ts';
import { TokenBucket } from './token-bucket.ts';

/** So many addresses are remembered; an address that has its full allowance is as good as one that never came. */
const MOST_REMEMBERED = 10_000;

/**
 * `session-quota`: how many large TLS handshakes an address may have. OpenSSL takes up to 100 KB of certificates and verifies the signature
 * of each, also where the decision is ours: a chain that is made for it costs as much as 150 honest handshakes (docs/broker.md).
 * Node.js cannot make that limit smaller, but it can say afterwards how much came.
 */
export class LargeHandshakes {
  readonly #limits: Pick<Limits, 'handshakeBytes' | 'largeHandshakesPerMinute'>;
  readonly #clock: Clock;
  readonly #allowances = new Map<string, TokenBucket>();

  constructor(limits: Pick<Limits, 'handshakeBytes' | 'largeHandshakesPerMinute'>, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** A handshake ended, well or not; returns whether it was a large one. @param bytes what the peer sent until then */
  ended(address: string, bytes: number): boolean {
    if (bytes <= this.#limits.handshakeBytes) return false;
    this.charge(address);
    return true;
  }

  /** A handshake counts as a large one: what it bore cost as much. */
  charge(address: string): void {
    const { largeHandshakesPerMinute } = this.#limits;
    const nowMs = this.#clock.now();
    const allowance =
      this.#allowances.get(address) ??
      new TokenBucket(largeHandshakesPerMinute / 60, largeHandshakesPerMinute, nowMs);
    if (this.#allowances.size >= MOST_REMEMBERED) this.#forget(nowMs);
    this.#allowances.set(address, allowance);
    allowance.take(1, nowMs);
  }

  /** Why no handshake may begin with an address, or `undefined`. */
  refused(address: string): Reached | undefined {
    const nowMs = this.#clock.now();
    if ((this.#allowances.get(address)?.waitMs(1, nowMs) ?? 0) === 0) return undefined;
    const { handshakeBytes, largeHandshakesPerMinute } = this.#limits;
    return {
      code: 'handshake-bytes',
      cause: `more than ${largeHandshakesPerMinute} handshakes a minute of more than ${handshakeBytes} bytes, or with costly chains`,
    };
  }

  #forget(nowMs: number): void {
    for (const [address, allowance] of this.#allowances) {
      if (allowance.isFull(nowMs)) this.#allowances.delete(address);
    }
    if (this.#allowances.size >= MOST_REMEMBERED) this.#allowances.clear();
  }
}
