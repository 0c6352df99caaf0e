import { type ControlId, type EvidenceEvent, filterMatches, parseUrn } from '../../protocol/index.ts';
import type { DetectionRule, EventMatch } from './rule.ts';

export interface Alert {
  /** Id of the rule. */
  readonly rule: string;
  /** Receipt time of the event that completed it. */
  readonly atMs: number;
  /** What the events had in common, as the rule's `by` has it; `unknown` where they do not say. */
  readonly subject: string;
}

/** Watches an evidence stream as it grows. */
export interface Detector {
  /** @returns the alerts that this event completes; events are to come in the order of their receipt. */
  observe(event: EvidenceEvent): readonly Alert[];
}

/**
 * Watches with a set of rules. Only what a blue team could see counts: an event of another visibility is as if it had
 * not been. Without the control `anomaly-detection` nobody watches.
 */
export function createDetector(rules: readonly DetectionRule[], controls: ReadonlySet<ControlId>): Detector {
  if (!controls.has('anomaly-detection')) return { observe: () => [] };
  const watches = rules.map(createWatch);
  return {
    observe: (event) => (event.visibility === 'blue' ? watches.flatMap((watch) => watch(event)) : []),
  };
}

/** All alerts of a finished run, in the order in which they would have been given. */
export function detect(
  events: readonly EvidenceEvent[],
  rules: readonly DetectionRule[],
  controls: ReadonlySet<ControlId>,
): readonly Alert[] {
  const detector = createDetector(rules, controls);
  return events.flatMap((event) => detector.observe(event));
}

/**
 * Bounds on what a flood can make a watch remember; beyond them the oldest is forgotten first. Known limit: whoever
 * can cause so many events of a sequence's later steps in its window hides the earlier ones.
 */
const MOST_SUBJECTS = 10_000;
const MOST_EVENTS_A_SUBJECT = 256;

/** A watch for one rule: what it has seen of each subject and not yet forgotten. */
function createWatch(rule: DetectionRule): (event: EvidenceEvent) => readonly Alert[] {
  const seenBySubject = new Map<string, EvidenceEvent[]>();
  const quietUntilMs = new Map<string, number>();
  return (event) => {
    if (!rule.steps.some((step) => fits(step, event))) return [];
    const subject = event[rule.by] ?? 'unknown';
    const atMs = event.receiptTimeMs;
    if (atMs < (quietUntilMs.get(subject) ?? Number.NEGATIVE_INFINITY)) return [];
    const fresh = (seenBySubject.get(subject) ?? []).filter(
      (one) => one.receiptTimeMs > atMs - rule.withinS * 1_000,
    );
    fresh.push(event);
    if (fresh.length > MOST_EVENTS_A_SUBJECT) fresh.shift();
    if (!completes(rule.steps, fresh)) {
      remember(seenBySubject, subject, fresh);
      return [];
    }
    seenBySubject.delete(subject);
    if (rule.quietS > 0) remember(quietUntilMs, subject, atMs + rule.quietS * 1_000);
    return [{ rule: rule.id, atMs, subject }];
  };
}

/** A map keeps the order of insertion, so that its first key is the one not heard of for longest. */
function remember<T>(memory: Map<string, T>, subject: string, value: T): void {
  memory.delete(subject);
  memory.set(subject, value);
  const [oldest] = memory.keys();
  if (memory.size > MOST_SUBJECTS && oldest !== undefined) memory.delete(oldest);
}

/** Whether the events hold all steps, one after the other. */
function completes(steps: readonly EventMatch[], events: readonly EvidenceEvent[]): boolean {
  let index = 0;
  let count = 0;
  for (const event of events) {
    const step = steps[index];
    if (step === undefined) break;
    if (!fits(step, event)) continue;
    count += 1;
    if (count < step.atLeast) continue;
    index += 1;
    count = 0;
  }
  return index === steps.length;
}

function fits(step: EventMatch, event: EvidenceEvent): boolean {
  const { control, object } = event;
  const kind = event.subject === null ? undefined : parseUrn(event.subject)?.kind;
  return (
    (step.events?.includes(event.event) ?? true) &&
    (step.outcomes?.includes(event.outcome) ?? true) &&
    (step.controls === undefined || (control !== null && step.controls.includes(control))) &&
    (step.objects === undefined ||
      (object !== null && step.objects.some((filter) => filterMatches(filter, object)))) &&
    (step.subjectKinds === undefined || (kind !== undefined && step.subjectKinds.includes(kind))) &&
    (step.exceptSubjectKinds === undefined || kind === undefined || !step.exceptSubjectKinds.includes(kind))
  );
}
