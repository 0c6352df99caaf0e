import type { Alert, AlertDetails, ControlId, EvidenceEvent } from '../../protocol/index.ts';
import { type CompiledRule, compileRule } from './compile-rule.ts';
import { fieldOf } from './event-fields.ts';
import type { DetectionRule } from './rule.ts';
import { Memory } from './watches/memory.ts';
import type { Hit } from './watches/watch.ts';

/** Watches an evidence stream as it grows. */
export interface Detector {
  /** @returns the alerts that this event completes; events are to come in the order of their receipt. */
  observe(event: EvidenceEvent): readonly Alert[];
  /**
   * Lets time pass: what should have come by then and did not becomes an alert of the instant at which it was missing.
   * All that was received until then must have been observed.
   */
  advance(nowMs: number): readonly Alert[];
  /** When `advance` has to be called next, if nothing more comes. */
  nextDueMs(): number | undefined;
}

/**
 * Watches with a set of rules. Only what a blue team could see counts: an event of another visibility is as if it had
 * not been. Without the control `anomaly-detection` nobody is told.
 */
export function createDetector(rules: readonly DetectionRule[], controls: ReadonlySet<ControlId>): Detector {
  const guards = rules.map((rule) => createGuard(compiled(rule)));
  const told = (alerts: readonly Alert[]): readonly Alert[] =>
    alerts.length > 0 && controls.has('anomaly-detection') ? alerts : [];
  const missing = (nowMs: number, isOver: boolean): readonly Alert[] =>
    guards.flatMap((guard) => guard.missing(nowMs, isOver)).sort((a, b) => a.atMs - b.atMs);
  const nextDueMs = (): number | undefined => {
    const dues = guards.flatMap((guard) => guard.nextDueMs() ?? []);
    return dues.length === 0 ? undefined : Math.min(...dues);
  };
  return {
    observe(event) {
      if (event.visibility !== 'blue') return [];
      const late = missing(event.receiptTimeMs, false);
      return told([...late, ...guards.flatMap((guard) => guard.observe(event) ?? [])]);
    },
    advance: (nowMs) => told(missing(nowMs, true)),
    nextDueMs,
  };
}

const KNOWN = new WeakMap<DetectionRule, CompiledRule>();

/** The same rules watch one rehearsal after the other. */
function compiled(rule: DetectionRule): CompiledRule {
  const known = KNOWN.get(rule) ?? compileRule(rule);
  KNOWN.set(rule, known);
  return known;
}

interface Guard {
  observe(event: EvidenceEvent): Alert | undefined;
  missing(nowMs: number, isOver: boolean): readonly Alert[];
  nextDueMs(): number | undefined;
}

/** A watch that keeps quiet about what it has just told. */
function createGuard({ rule, quietMs, subjectOf, reads, watch }: CompiledRule): Guard {
  const watching = watch();
  const quietUntilMs = new Memory<number>();
  const alertOf = ({ subject, atMs, sinceMs, event }: Hit): Alert | undefined => {
    if (atMs < (quietUntilMs.get(subject) ?? Number.NEGATIVE_INFINITY)) return undefined;
    if (quietMs > 0) quietUntilMs.set(subject, atMs + quietMs);
    return { rule: rule.id, level: rule.level, atMs, sinceMs, subject, about: detailsOf(event) };
  };
  return {
    observe(event) {
      if (!reads(fieldOf(event, 'source') ?? '')) return undefined;
      const subject = subjectOf(event);
      const hit = subject === undefined ? undefined : watching.observe(subject, event);
      return hit === undefined ? undefined : alertOf(hit);
    },
    missing: (nowMs, isOver) => watching.missing(nowMs, isOver).flatMap((hit) => alertOf(hit) ?? []),
    nextDueMs: watching.nextDueMs,
  };
}

function detailsOf(event: EvidenceEvent): AlertDetails {
  const { subject, address, zone, session, certificateFingerprint, object } = event;
  const pump = fieldOf(event, 'pump');
  return { identity: subject, address, zone, session, certificate: certificateFingerprint, pump, object };
}
