import type { Predicate } from '../selection.ts';
import { Memory } from './memory.ts';
import { NEVER_MISSES, type Watch } from './watch.ts';

/** So many events that fit within a time. Remembers no more of a subject than it counts to. */
export function countWatch(fits: Predicate, atLeast: number, withinMs: number): Watch {
  const times = new Memory<readonly number[]>();
  return {
    ...NEVER_MISSES,
    observe(subject, event) {
      if (!fits(event)) return undefined;
      const atMs = event.receiptTimeMs;
      const fresh = [...(times.get(subject) ?? []).filter((one) => one > atMs - withinMs), atMs];
      const [sinceMs] = fresh;
      if (fresh.length < atLeast || sinceMs === undefined) {
        times.set(subject, fresh);
        return undefined;
      }
      times.delete(subject);
      return { subject, atMs, sinceMs, event };
    },
  };
}
