import type { Predicate } from '../selection.ts';
import { Memory } from './memory.ts';
import { NEVER_MISSES, type Watch } from './watch.ts';

/**
 * One event after the other within a time. Of each subject it knows, for every step, when the latest sequence that came
 * so far began: an earlier one can complete nothing that this one cannot, so a flood hides nothing.
 */
export function sequenceWatch(steps: readonly Predicate[], withinMs: number): Watch {
  const began = new Memory<(number | undefined)[]>();
  return {
    ...NEVER_MISSES,
    observe(subject, event) {
      const atMs = event.receiptTimeMs;
      const known = began.get(subject);
      const next = known === undefined ? [] : [...known];
      let moved = false;
      // From the last step back: one event is not two steps.
      for (let index = steps.length - 1; index >= 0; index--) {
        const sinceMs = index === 0 ? atMs : next[index - 1];
        if (sinceMs === undefined || sinceMs <= atMs - withinMs || steps[index]?.(event) !== true) continue;
        if (index === steps.length - 1) {
          began.delete(subject);
          return { subject, atMs, sinceMs, event };
        }
        next[index] = sinceMs;
        moved = true;
      }
      if (moved) began.set(subject, next);
      return undefined;
    },
  };
}
