import type { EvidenceSink, Layer } from '../protocol/index.ts';

/**
 * Whose word a lost domain takes along: the component's own. A pump is the component of six domains, and loses in each only what that
 * domain enforces; both TLS ends are in processes of others. Monitoring says nothing itself: it no longer looks (`seesNothing`).
 */
const WITNESSES: Partial<Record<Layer, string>> = { broker: 'broker', network: 'network' };

/**
 * Evidence of a floor on which the adversary has a component. What that one does is still measured by the exercise; the blue team learns
 * nothing of it, since whoever has a component does not let it testify against him.
 */
export function withoutWitness(lost: Layer | undefined, record: EvidenceSink): EvidenceSink {
  const silent = lost === undefined ? undefined : WITNESSES[lost];
  if (silent === undefined) return record;
  return (entry) =>
    record(
      entry.source === silent && entry.visibility === 'blue' ? { ...entry, visibility: 'white' } : entry,
    );
}

/** Whether those who watch are with the adversary: then no rule alerts, whatever stands in the evidence. */
export function seesNothing(lost: Layer | undefined): boolean {
  return lost === 'supervision';
}

/** Whether a broker does what it is told, such as to end the sessions of a certificate that was revoked. */
export function brokerObeys(lost: Layer | undefined): boolean {
  return lost !== 'broker';
}
