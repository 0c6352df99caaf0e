import { type EventField, fieldOf } from '../event-fields.ts';
import type { Predicate } from '../selection.ts';
import { Memory } from './memory.ts';
import { NEVER_MISSES, type Watch } from './watch.ts';

/** So many different values of a field within a time. An event that does not say does not count. */
export function distinctWatch(fits: Predicate, field: EventField, atLeast: number, withinMs: number): Watch {
  /** When each value was seen last. */
  const seen = new Memory<Map<string, number>>();
  return {
    ...NEVER_MISSES,
    observe(subject, event) {
      const value = fieldOf(event, field);
      if (value === null || !fits(event)) return undefined;
      const atMs = event.receiptTimeMs;
      const values = seen.get(subject) ?? new Map<string, number>();
      for (const [other, lastMs] of values) if (lastMs <= atMs - withinMs) values.delete(other);
      values.set(value, atMs);
      if (values.size < atLeast) {
        seen.set(subject, values);
        return undefined;
      }
      seen.delete(subject);
      return { subject, atMs, sinceMs: Math.min(...values.values()), event };
    },
  };
}
