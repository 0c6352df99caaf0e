import type { Posture } from '../protocol/index.ts';
import type { Scenario } from '../scenarios/index.ts';
import type { DetectionRule } from '../supervision/index.ts';
import {
  loadShippedPostures,
  loadShippedRules,
  loadShippedScenarios,
  loadWardData,
  type WardData,
} from './data.ts';

/** Everything that rehearsals need, read once. */
export interface Exercise {
  readonly data: WardData;
  readonly postures: readonly Posture[];
  readonly rules: readonly DetectionRule[];
  readonly scenarios: readonly Scenario[];
}

/** @throws PumprangeError for a shipped file that is not right */
export function loadExercise(): Exercise {
  const postures = loadShippedPostures();
  const rules = loadShippedRules();
  return { data: loadWardData(), postures, rules, scenarios: loadShippedScenarios(postures, rules) };
}
