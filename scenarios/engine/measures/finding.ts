import type { CountBounds } from '../../format/measures.ts';
import type { Observation, PumpObservation } from '../observation.ts';

/** What a measure found. */
export interface Finding {
  readonly expected: string;
  readonly actual: string;
  readonly held: boolean;
}

/** What one pump showed. */
export interface PumpFinding {
  readonly serial: string;
  readonly actual: string;
  readonly held: boolean;
}

/** Sums of floating-point volumes differ in their last digits; a nanolitre is far below what a pump can meter. */
export const NOISE_ML = 1e-6;

/** The pumps that an expectation names; one that was not observed comes back as its bare serial. */
export function pumpsOf(
  pumps: 'all' | readonly string[],
  observation: Observation,
): readonly (PumpObservation | string)[] {
  if (pumps === 'all') return observation.pumps;
  return pumps.map((serial) => observation.pumps.find((pump) => pump.serial === serial) ?? serial);
}

/** Judges each pump that an expectation names; it holds if it does for every one, and there is one. */
export function forEachPump(
  pumps: 'all' | readonly string[],
  observation: Observation,
  expected: string,
  judgePump: (pump: PumpObservation) => { readonly actual: string; readonly held: boolean },
): Finding {
  const findings = pumpsOf(pumps, observation).map(
    (pump): PumpFinding =>
      typeof pump === 'string'
        ? { serial: pump, actual: 'not observed', held: false }
        : { serial: pump.serial, ...judgePump(pump) },
  );
  return {
    expected: findings.length > 1 ? `${expected} at each of ${findings.length} pumps` : expected,
    actual: together(findings),
    held: findings.length > 0 && findings.every(({ held }) => held),
  };
}

/** `LVP-0001 1.0.0, LVP-0002 none`, or one answer if all gave it. */
function together(findings: readonly PumpFinding[]): string {
  const answers = new Set(findings.map(({ actual }) => actual));
  const [only] = answers;
  if (only === undefined) return 'no pump';
  if (answers.size > 1) return findings.map(({ serial, actual }) => `${serial} ${actual}`).join(', ');
  return findings.length > 1 ? `${only} at each` : only;
}

export function countHolds(count: number, { equals, atLeast, atMost }: CountBounds): boolean {
  return (
    (equals === undefined || count === equals) &&
    (atLeast === undefined || count >= atLeast) &&
    (atMost === undefined || count <= atMost)
  );
}

/** `3 refusals`, `at least 1 and at most 4 refusals` */
export function countText({ equals, atLeast, atMost }: CountBounds, what: string): string {
  const bounds = [
    ...(equals === undefined ? [] : [String(equals)]),
    ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
    ...(atMost === undefined ? [] : [`at most ${atMost}`]),
  ];
  return `${bounds.join(' and ')} ${what}`;
}

/** To the microlitre, without trailing zeros. */
export function mlText(volumeMl: number): string {
  return `${Number(volumeMl.toFixed(3))} mL`;
}

export function rateText(rateMlPerH: number): string {
  return `${Number(rateMlPerH.toFixed(3))} mL/h`;
}
