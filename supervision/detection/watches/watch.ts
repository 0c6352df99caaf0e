import type { EvidenceEvent } from '../../../protocol/index.ts';

/** What a rule wanted to see was seen, or was missed. */
export interface Hit {
  /** What the events have in common. */
  readonly subject: string;
  readonly atMs: number;
  /** The first event that counted. */
  readonly sinceMs: number;
  /** The last event that counted. */
  readonly event: EvidenceEvent;
}

/** Looks out for what one rule describes. */
export interface Watch {
  /** @param subject what the event has in common with others, by the rule's `by` */
  observe(subject: string, event: EvidenceEvent): Hit | undefined;
  /**
   * What is missing when time has come to an instant. It may still come at the very end of its time, so that an instant
   * of which not everything has been observed yet is left out (`isOver: false`).
   */
  missing(nowMs: number, isOver: boolean): readonly Hit[];
  /** When something will be missing next, if nothing more comes. */
  nextDueMs(): number | undefined;
}

/** For a watch that only events can complete. */
export const NEVER_MISSES = {
  missing: (): readonly Hit[] => [],
  nextDueMs: (): undefined => undefined,
} as const;
