import { type BuildStage, rehearse, selectPosture } from '../../scenarios/index.ts';
import { loadExercise } from '../../testbed/index.ts';
import { stageBuilder } from '../../testbed/stage.ts';
import { figure, median } from './figure.ts';

/** An attack of eight minutes on one pump: a cell of the matrix as most of them are. */
const SCENARIO = 'library-signed-with-stolen-key';
const WARM_UP = 20;

/**
 * One rehearsal in a process that has carried out some before, under every control. The baseline begins each at another second of its
 * clock, so that nothing is shared: keys, certificates and ceilings are made anew.
 */
export async function rehearsal(isShort: boolean): Promise<void> {
  const exercise = loadExercise();
  const scenario = exercise.scenarios.find(({ id }) => id === SCENARIO);
  if (scenario === undefined) throw new Error(`there is no scenario ${SCENARIO}`);
  const posture = selectPosture(exercise.postures, 'layered');
  const startMs = Date.now();
  const wallOf = async (build: BuildStage, startsAtMs: number): Promise<number> => {
    const startedAt = performance.now();
    const { seed } = scenario;
    await rehearse({ scenario, posture, seed, build, startMs: startsAtMs, playbooks: exercise.playbooks });
    return performance.now() - startedAt;
  };
  const sharing = stageBuilder(exercise.data, exercise.rules);
  const alone = stageBuilder(exercise.data, exercise.rules);
  const walls: { readonly together: number; readonly alone: number }[] = [];
  // In turn, so that both have the machine as it is.
  for (let index = 0; index < WARM_UP + (isShort ? 40 : 150); index++) {
    const pair = {
      together: await wallOf(sharing, startMs),
      alone: await wallOf(alone, startMs + index * 1_000),
    };
    if (index >= WARM_UP) walls.push(pair);
  }
  figure(
    'a rehearsal',
    median(walls.map(({ together }) => together)),
    'ms',
    median(walls.map((pair) => pair.alone)),
    '8 min, one pump, layered; against one that shares nothing',
  );
}
