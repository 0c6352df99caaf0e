import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '../clock/index.ts';
import { PumprangeError } from '../protocol/index.ts';
import {
  type Baseline,
  loadResiduals,
  type MatrixOutcome,
  parseBaseline,
  type Rehearsed,
  type Residual,
  rehearsedOf,
  runMatrix,
  selectPosture,
  selectScenarios,
} from '../scenarios/index.ts';
import { HOUSE } from './environment.ts';
import type { Exercise } from './exercise.ts';
import { MatrixPool } from './matrix-pool.ts';

export interface MatrixSelection {
  /** Ids, families or YAML files; empty: all attacks and all care scenarios. */
  readonly what: readonly string[];
  /** Id of the posture whose controls are tried. */
  readonly posture: string;
  readonly seed?: number | undefined;
  readonly exhaustive?: boolean | undefined;
  /** Share of the inferred cells that is run all the same, from 0 to 1. */
  readonly checkInferred?: number | undefined;
  /** Whether a report wants the runs without and with all controls in detail. */
  readonly detailed?: boolean | undefined;
  /** Processes; absent: one a core. */
  readonly workers?: number | undefined;
  readonly progress?: Parameters<typeof runMatrix>[0]['progress'];
}

/** A matrix with what a report says besides. */
export interface RehearsedMatrix extends MatrixOutcome {
  /** What the file of residuals says of the attacks that were tried. */
  readonly residuals: Residual[];
  /** Each line of the matrix, with its runs where they were wanted `detailed`. */
  readonly rehearsed: Rehearsed[];
}

/**
 * Tries attacks and care scenarios against every control, in processes of its own.
 *
 * @throws PumprangeError `PR_SCENARIO_UNKNOWN`, `PR_POSTURE_UNKNOWN`, `PR_RESIDUAL_INVALID`; what a run throws, with the cell that it was
 */
export async function rehearseMatrix(
  exercise: Exercise,
  selection: MatrixSelection,
): Promise<RehearsedMatrix> {
  const { posture, seed, workers = availableParallelism() } = selection;
  const tried = exercise.scenarios.filter(({ family }) => family === 'attack' || family === 'care');
  const what = selection.what.length === 0 ? tried.map(({ id }) => id) : selection.what;
  const known = {
    postures: exercise.postures.map(({ id }) => id),
    detectionRules: exercise.rules.map(({ id }) => id),
  };
  const scenarios = selectScenarios(exercise.scenarios, what, known);
  const others = scenarios.filter(({ attack, family }) => attack === undefined && family !== 'care');
  const [other] = others;
  if (other !== undefined) {
    throw new PumprangeError('PR_SCENARIO_UNKNOWN', `${other.id} is neither an attack nor a care scenario`);
  }
  const share = selection.checkInferred ?? 0;
  const chance = seededRandom(seed ?? 1);
  const pool = new MatrixPool(workers, { what, posture, seed });
  try {
    const residuals = loadResiduals(join(HOUSE, 'scenarios', 'residual.yaml'));
    const outcome = await runMatrix({
      scenarios,
      base: selectPosture(exercise.postures, posture),
      residuals,
      exhaustive: selection.exhaustive ?? false,
      detailed: selection.detailed,
      checks: share === 0 ? undefined : () => chance.between(0, 1) < share,
      carryOut: (order) => pool.carryOut(order),
      progress: selection.progress,
    });
    const ids = new Set(scenarios.map(({ id }) => id));
    return {
      ...outcome,
      residuals: residuals.filter(({ attack }) => ids.has(attack)),
      rehearsed: scenarios.flatMap((scenario) =>
        scenario.attack === undefined
          ? []
          : (scenario.attack.firmware ?? [null]).map((firmware) =>
              rehearsedOf(
                scenario,
                firmware,
                outcome.runs.flatMap((run) =>
                  run.scenario === scenario.id && run.firmware === firmware && run.detail ? [run.detail] : [],
                ),
              ),
            ),
      ),
    };
  } finally {
    pool.close();
  }
}

/** @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_BASELINE_INVALID` */
export function readBaseline(file: string): Baseline {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PumprangeError('PR_FILE_UNREADABLE', `${file} cannot be read`, { cause });
  }
  return parseBaseline(text, file);
}
