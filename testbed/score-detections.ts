import { PumprangeError } from '../protocol/index.ts';
import {
  isOfRed,
  redTouch,
  rehearse,
  type Scenario,
  selectPosture,
  selectScenarios,
} from '../scenarios/index.ts';
import { type DetectionRule, loadRuleFiles } from '../supervision/index.ts';
import { type DetectionScore, scoreRules, type WatchedRun } from './detection-score.ts';
import { type Exercise, namesOf } from './exercise.ts';
import { stageBuilder } from './stage.ts';

export interface ScoreRequest {
  /** Files and folders of rules; empty: the shipped ones are scored. */
  readonly paths: readonly string[];
  /** Ids, families or files of attacks and care scenarios; empty: all of both. */
  readonly what: readonly string[];
  /** Id of the posture under which everything is rehearsed. */
  readonly posture: string;
  readonly progress?: (ended: number, known: number) => void;
}

/**
 * Rehearses attacks and care scenarios, and scores rules by what stood in the evidence.
 *
 * @throws PumprangeError `PR_DETECTION_INVALID`, `PR_FILE_UNREADABLE`, `PR_SCENARIO_UNKNOWN`, `PR_POSTURE_UNKNOWN`, and what `rehearse` throws
 */
export async function scoreDetections(exercise: Exercise, request: ScoreRequest): Promise<DetectionScore> {
  const { rules: shipped, scenarios, postures } = exercise;
  const rules = request.paths.length === 0 ? shipped : loadRuleFiles(request.paths);
  const posture = selectPosture(postures, request.posture);
  const chosen = (
    request.what.length === 0 ? scenarios : selectScenarios(scenarios, request.what, namesOf(exercise))
  ).filter(({ family }) => family === 'attack' || family === 'care');
  if (chosen.length === 0) {
    throw new PumprangeError('PR_SCENARIO_UNKNOWN', 'rules are scored by attacks and care scenarios');
  }
  const runs: WatchedRun[] = [];
  for (const scenario of chosen) {
    request.progress?.(runs.length, chosen.length);
    runs.push(await watch(exercise, scenario, posture));
  }
  return scoreRules(runs, rules, shipped, posture);
}

async function watch(
  { data, rules, playbooks }: Exercise,
  scenario: Scenario,
  posture: Parameters<typeof rehearse>[0]['posture'],
): Promise<WatchedRun> {
  const { observation } = await rehearse({
    scenario,
    posture,
    seed: scenario.seed,
    build: stageBuilder(data, rules),
    playbooks,
    startMs: Date.now(),
  });
  const red = new Set(scenario.steps.filter(({ team }) => team === 'red').map(({ id }) => id));
  const { id, title, family } = scenario;
  const touch = redTouch(scenario.steps, observation);
  return {
    id,
    title,
    family: family === 'attack' ? 'attack' : 'care',
    startMs: observation.startMs,
    endMs: observation.endMs,
    evidence: observation.evidence,
    redMs: observation.steps
      .filter(({ stepId, outcome }) => red.has(stepId) && outcome !== 'skipped')
      .map(({ atMs, startedAtMs }) => startedAtMs ?? atMs)
      .sort((a, b) => a - b),
    isOfRed: (alert) => isOfRed(touch, alert),
  };
}

/** Reads rules and says what they are. @throws PumprangeError `PR_DETECTION_INVALID`, `PR_FILE_UNREADABLE` */
export function checkDetections(paths: readonly string[]): readonly DetectionRule[] {
  return loadRuleFiles(paths);
}
