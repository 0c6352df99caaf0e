/** Numbers in a row, both ends included. */
export interface Stretch {
  readonly fromSeq: number;
  readonly toSeq: number;
}

/**
 * The log of one pump as far as it is here: a run from 0, in which only what is lost for good is missing, and what waits behind a gap. It
 * decides nothing and stores nothing; it knows which number is due.
 */
export class PumpLogOrder<T extends { readonly seq: number }> {
  readonly #run = new Map<number, T>();
  readonly #waiting = new Map<number, T>();
  /** Numbers behind the one that is due of which nothing is to come any more. */
  readonly #givenUpAhead = new Set<number>();
  #nextSeq = 0;

  /** The number that is due. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  /** The last number of the run; `null` while there is none. */
  get upToSeq(): number | null {
    return this.#nextSeq === 0 ? null : this.#nextSeq - 1;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** What is here under a number, in the run or waiting. */
  at(seq: number): T | undefined {
    return this.#run.get(seq) ?? this.#waiting.get(seq);
  }

  /** Takes the one that is due, or one that was given up. @throws RangeError for any other */
  append(record: T): void {
    const { seq } = record;
    if (seq > this.#nextSeq || this.#run.has(seq)) {
      throw new RangeError(`${seq} where ${this.#nextSeq} is due`);
    }
    this.#run.set(seq, record);
    this.#waiting.delete(seq);
    this.#givenUpAhead.delete(seq);
    if (seq === this.#nextSeq) this.#nextSeq += 1;
  }

  /** Gives up what is due, up to and including a number. @throws RangeError if one of them is here */
  giveUp(toSeq: number): void {
    for (const seq of this.#waiting.keys()) {
      if (seq <= toSeq) throw new RangeError(`${seq} is not lost: it waits`);
    }
    this.#nextSeq = Math.max(this.#nextSeq, toSeq + 1);
    for (const seq of this.#givenUpAhead) if (seq <= toSeq) this.#givenUpAhead.delete(seq);
  }

  /** Notes that a number is not to be waited for once it is due. Returns whether there was room for the note, among `most`. */
  giveUpAhead(seq: number, most: number): boolean {
    if (this.#givenUpAhead.size >= most && !this.#givenUpAhead.has(seq)) return false;
    this.#givenUpAhead.add(seq);
    return true;
  }

  /** Whether what is due is not to be waited for. */
  get isDueGivenUp(): boolean {
    return this.#givenUpAhead.has(this.#nextSeq);
  }

  /**
   * Keeps one that is ahead of a gap. Among more than `most` the farthest gives way, as it is the last to become due;
   * the one that did is returned, which may be the new one.
   */
  wait(record: T, most: number): T | undefined {
    this.#waiting.set(record.seq, record);
    if (this.#waiting.size <= most) return undefined;
    let farthest = record;
    for (const other of this.#waiting.values()) if (other.seq > farthest.seq) farthest = other;
    this.#waiting.delete(farthest.seq);
    return farthest;
  }

  /** The missing stretches before what waits, ascending. */
  gaps(): Stretch[] {
    const gaps: Stretch[] = [];
    let fromSeq = this.#nextSeq;
    for (const seq of [...this.#waiting.keys()].sort((a, b) => a - b)) {
      if (seq > fromSeq) gaps.push({ fromSeq, toSeq: seq - 1 });
      fromSeq = seq + 1;
    }
    return gaps;
  }
}
