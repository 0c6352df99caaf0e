import type { TruthTable } from '../network/index.ts';
import { attachLab, type Lab, stateFolder, withLab } from '../network/lab/index.ts';
import { PumprangeError } from '../protocol/index.ts';
import { environment } from './environment.ts';
import { startLabFloor } from './lab-floor.ts';
import { type LabPlanRequest, readLabPlan } from './lab-plan.ts';
import { makeTable } from './lab-table.ts';
import { labReport } from './network-lab.ts';

export interface NetworkCheckRequest extends Omit<LabPlanRequest, 'name'> {
  /** Of a lab that is up, or that is brought up for this; absent: one of its own. */
  readonly name: string | undefined;
  readonly posture: string;
  /** Folder of the floor of a lab that is up, where it has one of its own. */
  readonly dir: string | undefined;
  /** How to run the command of this house. */
  readonly program: readonly string[];
  readonly progress?: (done: number, of: number) => void;
}

/**
 * Makes the truth table of a plan in a lab: one that is up under the name, or one that is brought up for it and taken down again.
 *
 * @throws PumprangeError as {@link readLabPlan}, `openLab` and `startLabFloor` do; `PR_PROBER_FAILED`, `PR_RULESET_INVALID`; `PR_USAGE` for a
 * ruleset that a lab which is up does not have
 */
export async function checkNetwork(request: NetworkCheckRequest): Promise<TruthTable> {
  const up = request.name === undefined ? undefined : labThatIsUp(request.name);
  if (up !== undefined) return checkLab(up, request);
  const begun = performance.now();
  const { policy, options } = readLabPlan({ ...request, name: request.name ?? `check${process.pid}` });
  let labUpMs = 0;
  let ended = 0;
  const table = await withLab(options, async (lab) => {
    const dir = stateFolder(lab.name);
    const floor = await startLabFloor(lab, { ...request, policy, dir });
    labUpMs = performance.now() - begun;
    const components = floor.components().map(({ name }) => name);
    const made = await makeTable(lab, policy, { ...request, dir, components });
    ended = performance.now();
    return made;
  });
  return { ...table, labUpMs: Math.round(labUpMs), labDownMs: Math.round(performance.now() - ended) };
}

/** @throws PumprangeError as `attachLab`, but for a lab that is not up */
function labThatIsUp(name: string): Lab | undefined {
  try {
    return attachLab(name, environment.path);
  } catch (error) {
    if (error instanceof PumprangeError && error.code === 'PR_LAB_NOT_UP') return undefined;
    throw error;
  }
}

async function checkLab(lab: Lab, request: NetworkCheckRequest): Promise<TruthTable> {
  if (request.ruleset !== undefined) {
    throw new PumprangeError(
      'PR_USAGE',
      `lab "${lab.name}" is up with a ruleset of its own; --ruleset goes with a lab that is not`,
    );
  }
  const { policy } = readLabPlan({ ...request, zones: lab.state.plan, name: lab.name });
  const { components } = await labReport(lab.name);
  return makeTable(lab, policy, {
    ...request,
    dir: request.dir ?? stateFolder(lab.name),
    components: components.map(({ name }) => name),
  });
}
