import type { CommandMessage } from '../../protocol/index.ts';
import { LONGEST_LIFE_MS } from './command-intake.ts';

/** Boots of senders that are remembered. */
const MOST_BOOTS = 1_000;

interface Used {
  readonly seq: number;
  /** Until then a command with a number that is used would be fresh but for that number. */
  readonly neededUntilMs: number;
}

/**
 * The last number that each sender has used in each of its boots. It stands in the memory that outlives the supply: otherwise a
 * command that was overheard would work again on a pump that has just been started.
 *
 * A boot is forgotten for want of room only, and only when all that used its numbers has expired. While none has, there is no room for
 * another boot: who can sign a thousand commands that live for years shuts out all boots that are not known yet, which is the
 * safe side. The bedside stays.
 */
export class SenderNumbers {
  readonly #used = new Map<string, Used>();

  /** -1 for a boot that was never heard; `null` for one that could not be remembered. */
  last(from: string, bootId: string, nowMs: number): number | null {
    const used = this.#used.get(`${from} ${bootId}`);
    if (used !== undefined) return used.seq;
    return this.#hasRoom(nowMs) ? -1 : null;
  }

  /** A number counts as used whatever became of the command: a refused one must not work later. */
  use({ from, bootId, seq, expiresAt }: CommandMessage, nowMs: number): void {
    const boot = `${from} ${bootId}`;
    const before = this.#used.get(boot);
    if (before === undefined && !this.#hasRoom(nowMs)) return;
    const expiresAtMs = expiresAt === undefined ? nowMs + LONGEST_LIFE_MS : Date.parse(expiresAt);
    this.#used.set(boot, {
      seq: Math.max(seq, before?.seq ?? -1),
      neededUntilMs: Math.max(expiresAtMs, before?.neededUntilMs ?? 0),
    });
  }

  #hasRoom(nowMs: number): boolean {
    if (this.#used.size < MOST_BOOTS) return true;
    for (const [boot, { neededUntilMs }] of this.#used) {
      if (neededUntilMs <= nowMs) this.#used.delete(boot);
    }
    return this.#used.size < MOST_BOOTS;
  }
}
