import type { ControlId } from '../../protocol/index.ts';
import { HARM_FIGURES } from '../engine/attack-outcome.ts';
import { EFFECTS, type Effect } from '../report/matrix-report.ts';
import type { AttackResult } from '../report/run-report.ts';
import { isEssential, needs } from './cells.ts';

/** Harm that is less than this share of what it was is less; anything else is the chance of another course. */
const MATERIAL_SHARE = 0.9;

/**
 * What stood against an attack in one run, by what it came to there and on the bare floor.
 *
 * - stops: it did not succeed, and did no harm beyond its bound;
 * - limits: harm stayed within the bound, and did not on the bare floor;
 * - contains: it was noticed and ended in the time that its scenario gives;
 * - detects: it was noticed.
 */
export function effectOf(run: AttackResult, bare: AttackResult): Effect {
  if (!run.succeeded && run.withinBound) return 'stops';
  if (run.withinBound && !bare.withinBound) return 'limits';
  if (run.contained) return 'contains';
  if (run.detectedAfterMs !== null) return 'detects';
  return 'none';
}

/**
 * What one control does by itself. What it does only together with one that it depends on is not its own: it counts as far as it goes
 * beyond what each of those does alone. Of essential performance, which the bare floor has, it is what the floor without it would lack.
 */
export function effectAlone(
  control: ControlId,
  alone: (control: ControlId) => AttackResult | undefined,
  bare: AttackResult,
): Effect | undefined {
  const run = alone(control);
  if (run === undefined) return undefined;
  if (isEssential(control)) return isWorse(run, bare) ? 'limits' : 'none';
  const effect = effectOf(run, bare);
  // What the bare floor shows already (an attack on detection presupposes it) is not this control's doing.
  if (!isStronger(effect, effectOf(bare, bare))) return 'none';
  const without = needs(control).map((id) => effectAlone(id, alone, bare) ?? 'none');
  return without.every((other) => isStronger(effect, other)) ? effect : 'none';
}

/** Whether the first is the stronger of two effects. */
function isStronger(one: Effect, other: Effect): boolean {
  return EFFECTS.indexOf(one) < EFFECTS.indexOf(other);
}

/** Whether any harm is materially more than in another run. */
function isWorse(run: AttackResult, than: AttackResult): boolean {
  return HARM_FIGURES.some((figure) => than.harm[figure] < run.harm[figure] * MATERIAL_SHARE);
}

/** Whether harm is bounded, or noticed and ended in time: what has to hold with any one domain lost. */
export function isAcceptable(effect: Effect): boolean {
  return effect === 'stops' || effect === 'limits' || effect === 'contains';
}

/** What stands with all controls: with most of them removed in turn it is the same. */
export function strongest(effects: readonly Effect[]): Effect {
  return EFFECTS.find((one) => effects.includes(one)) ?? 'none';
}
