import { type Posture, PumprangeError } from '../protocol/index.ts';
import {
  type CellOrder,
  type CellRun,
  cellCommand,
  cellPosture,
  RecordingControls,
  rehearse,
  runDetail,
  type Scenario,
} from '../scenarios/index.ts';
import type { WardData } from './data.ts';
import type { Exercise } from './exercise.ts';
import { stageBuilder } from './stage.ts';

export interface CellRunnerOptions {
  readonly exercise: Exercise;
  readonly scenarios: readonly Scenario[];
  /** Whose controls are tried. */
  readonly base: Posture;
  /** Absent: that of each scenario. */
  readonly seed?: number | undefined;
}

/**
 * Carries out cells of the matrix, each from a clean start.
 *
 * @throws PumprangeError what `rehearse` throws
 */
export function cellRunner(options: CellRunnerOptions): (order: CellOrder) => Promise<CellRun> {
  const { exercise, scenarios, base, seed } = options;
  const build = stageBuilder(exercise.data, exercise.rules);
  // Wards that begin at one instant share what takes long to make.
  const startMs = Date.now();
  return async (order) => {
    const scenario = scenarios.find(({ id }) => id === order.scenario);
    if (scenario === undefined) throw new PumprangeError('PR_SCENARIO_UNKNOWN', order.scenario);
    const { cell, firmware } = order;
    const posture = cellPosture(cell, base, scenario.attack?.presupposes);
    const controls = new RecordingControls(posture.controls);
    const { result, observation } = await rehearse({
      scenario,
      posture: { ...posture, controls },
      seed: seed ?? scenario.seed,
      build,
      playbooks: exercise.playbooks,
      startMs,
      isCell: true,
      comparesHarm: order.detailed,
      ...(cell.cell === 'lost' && { lost: cell.domain }),
      ...(firmware !== null && { firmware, newestFirmware: (model) => newestFirmware(exercise.data, model) }),
    });
    const command = `npx ${cellCommand(scenario.id, firmware, cell, base.id)}`;
    return {
      ...order,
      result,
      consulted: [...controls.consulted],
      ...(order.detailed === true && { detail: runDetail({ cell, command, scenario, result, observation }) }),
    };
  };
}

/** The newest firmware that there is of a model. @throws PumprangeError `PR_MODEL_INVALID` */
export function newestFirmware({ personalities }: WardData, model: string): string {
  const versions = personalities.filter((one) => one.model === model).map(({ version }) => version);
  const newest = versions.sort(byVersion).at(-1);
  if (newest === undefined) throw new PumprangeError('PR_MODEL_INVALID', `there is no firmware for ${model}`);
  return newest;
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
