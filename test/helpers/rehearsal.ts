import { type ControlId, DEFAULT_SETTINGS, type Posture, postureOf } from '../../protocol/index.ts';
import { type Rehearsal, rehearse } from '../../scenarios/engine/rehearse.ts';
import { parseScenario } from '../../scenarios/format/parse.ts';
import type { BuildStage, Scenario } from '../../scenarios/index.ts';
import { loadExercise } from '../../testbed/exercise.ts';
import { stageBuilder } from '../../testbed/stage.ts';
import { START_MS } from './floor.ts';

const exercise = loadExercise();
const building = stageBuilder(exercise.data, exercise.rules);

/** A scenario of one pump and the steps that are given, one a second from 1 min on: an attack of which nothing is expected. @throws if it is not right */
export function scenarioWith(
  steps: readonly Readonly<Record<string, unknown>>[],
  more: object = {},
): Scenario {
  const text = JSON.stringify({
    id: 'made-up',
    title: 'Made up for a test',
    family: 'attack',
    summary: 'A test.',
    duration: '3m',
    telemetryEvery: '30s',
    fleet: [{ model: 'lvp', serial: 'LVP-0001', careArea: 'adult-icu', firmware: '1.0.0' }],
    steps: steps.map((action, index) => ({
      id: `step-${index}`,
      team: 'red',
      actor: 'somebody',
      trigger: { at: `${60 + index}s` },
      action,
    })),
    attack: {
      success: [{ id: 'away', what: 'Away', measure: 'supervision', pumps: 'all', equals: 'unsupervised' }],
      expected: {},
    },
    ...more,
  });
  const parsed = parseScenario(text, 'test.yaml');
  if ('problems' in parsed) throw new Error(parsed.problems.map(({ message }) => message).join('; '));
  return parsed.value;
}

/** A posture with these controls and what is essential. */
export function postureWith(controls: readonly ControlId[] | 'all'): Posture {
  return postureOf({
    id: 'made-up',
    title: 'Made up',
    description: 'A test.',
    controls: controls === 'all' ? 'all' : [...controls],
    settings: DEFAULT_SETTINGS,
  });
}

/** Carries a scenario out. `around`: what a test puts between the engine and the stage. */
export function carryOut(
  scenario: Scenario,
  controls: readonly ControlId[] | 'all' = [],
  around: (build: BuildStage) => BuildStage = (build) => build,
): Promise<Rehearsal> {
  const posture = postureWith(controls);
  return rehearse({ scenario, posture, seed: 1, build: around(building), startMs: START_MS });
}
