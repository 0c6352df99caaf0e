/**
 * What a watch remembers of each subject, at most so many: of more, the one not heard of for longest is forgotten. Known
 * limit: whoever can appear as so many subjects within a rule's time hides from that rule.
 */
export class Memory<T> {
  readonly #bySubject = new Map<string, T>();
  readonly #most: number;

  constructor(most = 10_000) {
    this.#most = most;
  }

  get(subject: string): T | undefined {
    return this.#bySubject.get(subject);
  }

  /** Sets what is known of a subject, and makes it the latest one heard of. */
  set(subject: string, value: T): void {
    // A map keeps the order of insertion.
    this.#bySubject.delete(subject);
    this.#bySubject.set(subject, value);
    const [oldest] = this.#bySubject.keys();
    if (this.#bySubject.size > this.#most && oldest !== undefined) this.#bySubject.delete(oldest);
  }

  delete(subject: string): void {
    this.#bySubject.delete(subject);
  }

  /** The subject that was set first. */
  first(): readonly [subject: string, value: T] | undefined {
    const [first] = this.#bySubject;
    return first;
  }
}
