import { PumprangeError } from '../protocol/index.ts';
import { type CellOrder, selectPosture, selectScenarios } from '../scenarios/index.ts';
import { cellRunner } from './cell-runner.ts';
import { loadExercise } from './exercise.ts';
import type { WorkerAnswer, WorkerSetup } from './matrix-pool.ts';

/**
 * A process that carries out cells of the matrix, one at a time. It is told what to do over the channel to its parent, and ends when that
 * closes.
 */
function work(setup: WorkerSetup): void {
  const exercise = loadExercise();
  const run = cellRunner({
    exercise,
    scenarios: selectScenarios(exercise.scenarios, setup.what),
    base: selectPosture(exercise.postures, setup.posture),
    seed: setup.seed,
  });
  process.on('message', (order: CellOrder) => {
    run(order).then(
      (done) => answer({ done }),
      (error: unknown) => answer({ failed: failureOf(error) }),
    );
  });
  answer({ ready: true });
}

function answer(message: WorkerAnswer): void {
  process.send?.(message);
}

function failureOf(error: unknown): { readonly code: string | null; readonly message: string } {
  if (error instanceof PumprangeError) return { code: error.code, message: error.message };
  return { code: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

// A terminal's Ctrl-C goes to the whole group; the parent decides.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.once('message', (setup: WorkerSetup) => {
  try {
    work(setup);
  } catch (error) {
    answer({ failed: failureOf(error) });
  }
});
