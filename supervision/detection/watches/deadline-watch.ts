import type { EvidenceEvent } from '../../../protocol/index.ts';
import type { Predicate } from '../selection.ts';
import { Memory } from './memory.ts';
import type { Hit, Watch } from './watch.ts';

interface Deadline {
  readonly dueMs: number;
  readonly event: EvidenceEvent;
}

export interface DeadlineOptions {
  /** Something is expected from then on. */
  readonly begins: Predicate;
  /** Nothing is expected any more; it may still come at the very end. */
  readonly ends: Predicate;
  readonly withinMs: number;
  /** Each event that begins gives the full time again; otherwise the first one counts. */
  readonly renews: boolean;
}

/** Something that should come does not: an answer (`absence`), or one more sign of life (`silence`). */
export function deadlineWatch({ begins, ends, withinMs, renews }: DeadlineOptions): Watch {
  // All wait equally long, so that what was set first is due first.
  const waiting = new Memory<Deadline>();
  return {
    observe(subject, event) {
      if (ends(event)) waiting.delete(subject);
      if (begins(event) && (renews || waiting.get(subject) === undefined)) {
        waiting.set(subject, { dueMs: event.receiptTimeMs + withinMs, event });
      }
      return undefined;
    },
    missing(nowMs, isOver) {
      const hits: Hit[] = [];
      for (let first = waiting.first(); first !== undefined; first = waiting.first()) {
        const [subject, { dueMs, event }] = first;
        if (isOver ? dueMs > nowMs : dueMs >= nowMs) break;
        waiting.delete(subject);
        hits.push({ subject, atMs: dueMs, sinceMs: event.receiptTimeMs, event });
      }
      return hits;
    },
    nextDueMs: () => waiting.first()?.[1].dueMs,
  };
}
