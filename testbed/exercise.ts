import type { Posture } from '../protocol/index.ts';
import type { KnownNames, Playbook, Scenario } from '../scenarios/index.ts';
import type { DetectionRule } from '../supervision/index.ts';
import {
  loadShippedPlaybooks,
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
  readonly playbooks: readonly Playbook[];
  readonly scenarios: readonly Scenario[];
}

/** @throws PumprangeError for a shipped file that is not right */
export function loadExercise(): Exercise {
  const postures = loadShippedPostures();
  const rules = loadShippedRules();
  const playbooks = loadShippedPlaybooks(rules);
  const data = loadWardData();
  const scenarios = loadShippedScenarios(postures, rules, playbooks, data.zones);
  return { data, postures, rules, playbooks, scenarios };
}

/** What a scenario file of somebody's own may name. */
export function namesOf({ data, postures, rules, playbooks }: Exercise): KnownNames {
  return {
    postures: postures.map(({ id }) => id),
    detectionRules: rules.map(({ id }) => id),
    playbooks: playbooks.map(({ id }) => id),
    zones: [...data.zones.segmented.zones.keys()],
    firmware: firmwareVersions(data),
  };
}

/** Which firmware versions of each model there are. */
function firmwareVersions({ personalities }: WardData): Record<string, readonly string[]> {
  const versions: Record<string, readonly string[]> = {};
  for (const { model, version } of personalities) versions[model] = [...(versions[model] ?? []), version];
  return versions;
}
