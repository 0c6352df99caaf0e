import { type Posture, PumprangeError } from '../protocol/index.ts';
import {
  type RunReport,
  type RunResult,
  rehearse,
  type Scenario,
  selectPosture,
  selectScenarios,
} from '../scenarios/index.ts';
import type { DetectionRule } from '../supervision/index.ts';
import {
  loadShippedPostures,
  loadShippedRules,
  loadShippedScenarios,
  loadWardData,
  type WardData,
} from './data.ts';
import { stageBuilder } from './stage.ts';

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

export interface RunSelection {
  /** Ids, families or YAML files; empty: the whole catalogue. */
  readonly what: readonly string[];
  /** Id of a posture, or `all` for each that a scenario declares. */
  readonly posture: string;
  readonly seed?: number | undefined;
  /** Where the clock of a rehearsal starts; the time of day by default. */
  readonly startMs?: number | undefined;
  readonly ended?: (run: RunResult) => void;
}

export interface RunOutcome {
  readonly report: RunReport;
  readonly transcripts: readonly { readonly name: string; readonly text: string }[];
}

/**
 * Rehearses scenarios one after the other, each from a clean start.
 *
 * @throws PumprangeError `PR_SCENARIO_UNKNOWN`, `PR_POSTURE_UNKNOWN`, `PR_SCENARIO_INVALID`, `PR_STEP_FAILED`, `PR_WIRE_NOT_QUIET`
 */
export async function runScenarios(exercise: Exercise, selection: RunSelection): Promise<RunOutcome> {
  const { data, postures, rules, scenarios } = exercise;
  const chosen = selectScenarios(scenarios, selection.what, {
    postures: postures.map(({ id }) => id),
    detectionRules: rules.map(({ id }) => id),
  });
  if (chosen.length === 0) throw new PumprangeError('PR_SCENARIO_UNKNOWN', 'there is no scenario to run');
  const build = stageBuilder(data, rules);
  const runs: RunResult[] = [];
  const transcripts: { name: string; text: string }[] = [];
  for (const scenario of chosen) {
    const ids = selection.posture === 'all' ? scenario.postures : [selection.posture];
    for (const posture of ids.map((id) => selectPosture(postures, id))) {
      const { result, transcript } = await rehearse({
        scenario,
        posture,
        seed: selection.seed ?? scenario.seed,
        build,
        startMs: selection.startMs ?? Date.now(),
      });
      runs.push(result);
      transcripts.push({ name: `${scenario.id}-${posture.id}`, text: transcript });
      selection.ended?.(result);
    }
  }
  return { report: { version: 1, runs }, transcripts };
}
