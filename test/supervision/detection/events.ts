import type { EvidenceEvent } from '../../../protocol/index.ts';
import { type DetectionRule, detectionRuleSchema } from '../../../supervision/detection/rule.ts';

/** An event so many seconds after the beginning: a connection refused by `mutual-tls`, unless something else is said. */
export function event(atS: number, parts: Partial<EvidenceEvent> = {}): EvidenceEvent {
  return {
    source: 'broker',
    event: 'session.refused',
    outcome: 'denied',
    deviceTimeMs: null,
    receiptTimeMs: atS * 1_000,
    simulatedMs: null,
    zone: null,
    address: '127.0.0.1',
    session: null,
    subject: null,
    certificateFingerprint: null,
    control: 'mutual-tls',
    cause: null,
    object: null,
    visibility: 'blue',
    ...parts,
  };
}

/** A rule by address over events named `a`, `b` and `c`; it counts `a` unless something else is said. */
export function rule(parts: object): DetectionRule {
  return detectionRuleSchema.parse({
    id: 'a-rule',
    title: 'A rule',
    status: 'test',
    description: 'For a test.',
    level: 'medium',
    by: ['address'],
    detection: { a: { event: 'a' }, condition: 'a' },
    ...parts,
  });
}
