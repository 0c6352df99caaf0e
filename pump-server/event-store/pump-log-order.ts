/**
 * The log of one pump as far as it is here: an unbroken run from 0, and what waits behind a gap. It decides nothing and
 * stores nothing; it knows which number is due.
 */
export class PumpLogOrder<T extends { readonly seq: number }> {
  /** Element `n` is number `n`. */
  readonly #run: T[] = [];
  readonly #waiting = new Map<number, T>();

  /** The number that is due. */
  get nextSeq(): number {
    return this.#run.length;
  }

  /** The last number of the unbroken run; `null` while there is none. */
  get upToSeq(): number | null {
    return this.#run.length === 0 ? null : this.#run.length - 1;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** What is here under a number, in the run or waiting. */
  at(seq: number): T | undefined {
    return this.#run[seq] ?? this.#waiting.get(seq);
  }

  /** Takes the one that is due. @throws RangeError for any other */
  append(record: T): void {
    if (record.seq !== this.nextSeq) throw new RangeError(`${record.seq} where ${this.nextSeq} is due`);
    this.#run.push(record);
    this.#waiting.delete(record.seq);
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

  /** The missing stretches before what waits, both ends included, ascending. */
  gaps(): { readonly fromSeq: number; readonly toSeq: number }[] {
    const gaps: { fromSeq: number; toSeq: number }[] = [];
    let fromSeq = this.nextSeq;
    for (const seq of [...this.#waiting.keys()].sort((a, b) => a - b)) {
      if (seq > fromSeq) gaps.push({ fromSeq, toSeq: seq - 1 });
      fromSeq = seq + 1;
    }
    return gaps;
  }
}
