import type { EvidenceEvent } from '../../protocol/index.ts';
import { compileExpression } from './compile-expression.ts';
import { fieldOf } from './event-fields.ts';
import type { Correlation, DetectionRule } from './rule.ts';
import { compileSelection, type Predicate } from './selection.ts';
import { spanMs } from './span.ts';
import { countWatch } from './watches/count-watch.ts';
import { deadlineWatch } from './watches/deadline-watch.ts';
import { distinctWatch } from './watches/distinct-watch.ts';
import { sequenceWatch } from './watches/sequence-watch.ts';
import { NEVER_MISSES, type Watch } from './watches/watch.ts';

/** A rule whose conditions are functions, and from which watches are made. */
export interface CompiledRule {
  readonly rule: DetectionRule;
  readonly quietMs: number;
  /** What an event has in common with others; `undefined`: it does not count, since it does not say. */
  subjectOf(event: EvidenceEvent): string | undefined;
  /** Whether the rule reads what this component reports. */
  reads(source: string): boolean;
  /** A watch that has seen nothing yet. */
  watch(): Watch;
}

const UNKNOWN = 'unknown';

/** @throws RangeError for a rule that its schema does not take */
export function compileRule(rule: DetectionRule): CompiledRule {
  const { condition, ...selections } = rule.detection;
  const predicates = new Map(
    Object.entries(selections).map(([name, selection]) => [name, compileSelection(selection)]),
  );
  const predicate = (text: string): Predicate => compileExpression(text, predicates);
  const fits = predicate(condition);
  const { correlation, source, by } = rule;
  return {
    rule,
    quietMs: rule.quiet === undefined ? 0 : spanMs(rule.quiet),
    subjectOf(event) {
      const values = by.map((field) => fieldOf(event, field));
      if (correlation !== undefined && values.includes(null)) return undefined;
      return values.map((value) => value ?? UNKNOWN).join(', ');
    },
    reads: (one) => source === undefined || source.includes(one),
    watch: makerOf(fits, correlation, predicate),
  };
}

function makerOf(
  fits: Predicate,
  correlation: Correlation | undefined,
  predicate: (text: string) => Predicate,
): () => Watch {
  switch (correlation?.type) {
    case undefined:
      return () => ({
        ...NEVER_MISSES,
        observe: (subject, event) =>
          fits(event)
            ? { subject, atMs: event.receiptTimeMs, sinceMs: event.receiptTimeMs, event }
            : undefined,
      });
    case 'event_count': {
      const withinMs = spanMs(correlation.within);
      return () => countWatch(fits, correlation.atLeast, withinMs);
    }
    case 'value_count': {
      const withinMs = spanMs(correlation.within);
      return () => distinctWatch(fits, correlation.field, correlation.atLeast, withinMs);
    }
    case 'temporal_ordered': {
      const steps = [fits, ...correlation.followedBy.map(predicate)];
      const withinMs = spanMs(correlation.within);
      return () => sequenceWatch(steps, withinMs);
    }
    case 'absence': {
      const ends = predicate(correlation.expected);
      const withinMs = spanMs(correlation.within);
      return () => deadlineWatch({ begins: fits, ends, withinMs, renews: false });
    }
    case 'silence': {
      const ends = correlation.until === undefined ? () => false : predicate(correlation.until);
      const withinMs = spanMs(correlation.within);
      return () => deadlineWatch({ begins: fits, ends, withinMs, renews: true });
    }
  }
}
