import type { Alert, ControlId } from '../protocol/index.ts';
import { createDetector, type DetectionRule, type EvidenceLog } from '../supervision/index.ts';

/** Security operations of one rehearsal: rules over the evidence as it grows. */
export interface FloorWatch {
  /**
   * Looks at what the evidence has got since, and at what is missing by now.
   *
   * @returns when to look again, if nothing more comes
   */
  look(nowMs: number): number | undefined;
  /** Every alert so far. */
  alerts(): readonly Alert[];
}

export function watchFloor(
  evidence: Pick<EvidenceLog, 'events'>,
  rules: readonly DetectionRule[],
  controls: ReadonlySet<ControlId>,
): FloorWatch {
  const detector = createDetector(rules, controls);
  const alerts: Alert[] = [];
  let seen = 0;
  return {
    look(nowMs) {
      const events = evidence.events();
      for (; seen < events.length; seen++) {
        const event = events[seen];
        if (event !== undefined) alerts.push(...detector.observe(event));
      }
      alerts.push(...detector.advance(nowMs));
      return detector.nextDueMs();
    },
    alerts: () => alerts,
  };
}
