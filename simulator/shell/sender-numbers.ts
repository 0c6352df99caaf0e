import type { CommandMessage } from '../../protocol/index.ts';

/** Senders whose numbers are remembered; commands live shorter than it takes so many to come. */
const MOST_SENDERS = 1_000;

/**
 * The last number that each sender has used in each of its boots. It stands in the memory that outlives the supply: otherwise a
 * command that was overheard would work again on a pump that has just been started.
 */
export class SenderNumbers {
  readonly #last = new Map<string, number>();

  /** -1 for a sender that was never heard. */
  last(from: string, bootId: string): number {
    return this.#last.get(`${from} ${bootId}`) ?? -1;
  }

  /** A number counts as used whatever became of the command: a refused one must not work later. */
  use({ from, bootId, seq }: CommandMessage): void {
    const sender = `${from} ${bootId}`;
    this.#last.delete(sender);
    this.#last.set(sender, seq);
    const [oldest] = this.#last.keys();
    if (this.#last.size > MOST_SENDERS && oldest !== undefined) this.#last.delete(oldest);
  }
}
