import type { Fact } from './facts.ts';
import { eventFact } from './step.ts';

type Listener = (fact: Fact) => void;

/** What a display or a log has room for. */
const LONGEST_REASON = 200;

/**
 * Tells facts to whoever listens, each fact to all before the next. A listener may press a key in turn: its facts come after those that
 * are being told. One that throws, such as a recorder without room, stops neither the pump nor what others hear nor the clock, and is
 * told of once.
 */
export class FactListeners {
  readonly #listeners = new Set<Listener>();
  readonly #faulty = new WeakSet<Listener>();
  readonly #untold: Fact[] = [];
  #telling = false;

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clear(): void {
    this.#listeners.clear();
  }

  /** Keeps facts until `tell`. */
  push(facts: readonly Fact[]): void {
    this.#untold.push(...facts);
  }

  tell(): void {
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let fact = this.#untold.shift(); fact !== undefined; fact = this.#untold.shift()) {
        for (const listener of this.#listeners) this.#tellOne(listener, fact);
      }
    } finally {
      this.#telling = false;
    }
  }

  #tellOne(listener: Listener, fact: Fact): void {
    try {
      listener(fact);
    } catch (error) {
      if (this.#faulty.has(listener)) return;
      this.#faulty.add(listener);
      const reason = (error instanceof Error ? error.message : String(error)).slice(0, LONGEST_REASON);
      this.#untold.push(eventFact(fact.atMs, 'recorder-failed', null, { reason }));
    }
  }
}
