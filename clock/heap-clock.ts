import type { Clock, Timer } from './clock.ts';

/** One timer; its own handle, since a large fleet sets millions. */
class Entry implements Timer {
  readonly dueMs: number;
  readonly order: number;
  callback: () => void;
  cancelled = false;

  constructor(dueMs: number, order: number, callback: () => void) {
    this.dueMs = dueMs;
    this.order = order;
    this.callback = callback;
  }

  cancel(): void {
    this.cancelled = true;
    // It may lie in the heap for months, as the end of a certificate does; what it would have seen to is free now.
    this.callback = nothing;
  }
}

function nothing(): void {}

/**
 * A clock that stands still until a driver moves it. Timers lie in a binary heap; each fires with `now()` at its
 * own due time, and those due at one instant fire in the order in which they were set.
 *
 * Two drivers move it: the lockstep of a rehearsal (`nextDueMs`, `fireInstant`, `moveTo`) and the wall
 * (`followWall`), one after the other if wanted.
 */
export class HeapClock implements Clock {
  #nowMs: number;
  #order = 0;
  #heap: Entry[] = [];
  #reading: (() => number) | undefined;
  #onEarlier: (() => void) | undefined;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  now(): number {
    if (this.#reading !== undefined) this.#nowMs = Math.max(this.#nowMs, this.#reading());
    return this.#nowMs;
  }

  at(dueMs: number, callback: () => void): Timer {
    if (!Number.isFinite(dueMs)) throw new RangeError(`a timer needs a finite due time, not ${dueMs}`);
    const entry = new Entry(Math.max(dueMs, this.#nowMs), this.#order++, callback);
    this.#push(entry);
    if (this.#heap[0] === entry) this.#onEarlier?.();
    return entry;
  }

  after(delayMs: number, callback: () => void): Timer {
    return this.at(this.now() + Math.max(0, delayMs), callback);
  }

  /** When the next timer is due, or `undefined` if none is set. */
  nextDueMs(): number | undefined {
    while (this.#heap[0]?.cancelled) this.#pop();
    return this.#heap[0]?.dueMs;
  }

  /**
   * Moves to the next due instant and fires all that was due at it when it began. What those callbacks set for
   * the same instant is left for the next call, so that a driver can settle the wire in between.
   * Returns how many fired.
   */
  fireInstant(): number {
    const dueMs = this.nextDueMs();
    if (dueMs === undefined) return 0;
    this.#nowMs = Math.max(this.#nowMs, dueMs);
    const before = this.#order;
    let fired = 0;
    for (let head = this.#heap[0]; head !== undefined; head = this.#heap[0]) {
      if (!head.cancelled && (head.dueMs > dueMs || head.order >= before)) break;
      this.#pop();
      if (head.cancelled) continue;
      fired += 1;
      head.callback();
    }
    return fired;
  }

  /** Moves to `targetMs`. It refuses to jump over a timer that is due, and never moves back. */
  moveTo(targetMs: number): void {
    const dueMs = this.nextDueMs();
    if (dueMs !== undefined && dueMs < targetMs) {
      throw new RangeError(`a timer is due at ${dueMs}, before ${targetMs}`);
    }
    this.#nowMs = Math.max(this.#nowMs, targetMs);
  }

  /** Fires everything due until `targetMs`, each at its own time, and ends there. For work without a wire. */
  runTo(targetMs: number): void {
    for (let dueMs = this.nextDueMs(); dueMs !== undefined && dueMs <= targetMs; dueMs = this.nextDueMs()) {
      this.fireInstant();
    }
    this.moveTo(targetMs);
  }

  /**
   * Lets `now()` read a running source from here on (it still never goes back), and tells `onEarlier` whenever
   * a timer is set that is due before all others. `undefined` for both stops the clock where it is.
   */
  follow(reading: (() => number) | undefined, onEarlier: (() => void) | undefined): void {
    if (reading === undefined) this.now();
    this.#reading = reading;
    this.#onEarlier = onEarlier;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || !before(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const leftEntry = heap[left];
      if (leftEntry === undefined) break;
      const rightEntry = heap[right];
      const [childIndex, child] =
        rightEntry !== undefined && before(rightEntry, leftEntry) ? [right, rightEntry] : [left, leftEntry];
      if (!before(child, last)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
