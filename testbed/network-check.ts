import {
  bareConnectsMs,
  openProbers,
  rulesetJudge,
  runTable,
  type TruthTable,
  truthTable,
  type ZonePolicy,
} from '../network/index.ts';
import { attachLab, hasIpv6, type Lab, stateFolder, withLab } from '../network/lab/index.ts';
import { PumprangeError } from '../protocol/index.ts';
import { selectPosture } from '../scenarios/index.ts';
import { loadShippedPostures, loadWardData } from './data.ts';
import { environment } from './environment.ts';
import { wallAndPki } from './ground.ts';
import { LAB_FIRMWARE, startLabFloor } from './lab-floor.ts';
import { type LabPlanRequest, readLabPlan } from './lab-plan.ts';
import { labReport } from './network-lab.ts';
import { probedFloor } from './probed-floor.ts';
import { wardPumps } from './ward-pumps.ts';

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

/** Bare connections that the probes are measured against. */
const BARE_CONNECTS = 1_000;

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

interface TableRequest extends Omit<NetworkCheckRequest, 'dir'> {
  readonly dir: string;
  readonly components: readonly string[];
}

async function makeTable(lab: Lab, policy: ZonePolicy, request: TableRequest): Promise<TruthTable> {
  const { layout } = lab;
  const { controls } = selectPosture(loadShippedPostures(), request.posture);
  const data = loadWardData();
  const site = request.components.includes('pki') ? wallAndPki(request.dir) : undefined;
  const probers = await openProbers(lab);
  try {
    const pumps = layout.places.filter(({ asset }) => asset === 'pump').length;
    const floor = probedFloor({
      ...{ controls, data, site, components: new Set(request.components) },
      pumps: wardPumps(pumps, data, LAB_FIRMWARE),
    });
    // The probes are real, so it is the machine's time that counts.
    const atMs = Date.now();
    const table = await runTable({
      ...{ policy, layout, floor, atMs, proberOf: probers.of },
      ipVersions: hasIpv6(layout) ? ['ipv4', 'ipv6'] : ['ipv4'],
      judge: rulesetJudge(await lab.listRuleset(), layout, atMs),
      ...(request.progress && { progress: request.progress }),
    });
    return truthTable(table, {
      ...{ plan: policy.id, ruleset: request.ruleset ?? 'compiled', madeAtMs: atMs },
      msPerThousandConnects: (await bareConnectsMs(BARE_CONNECTS)) * (1_000 / BARE_CONNECTS),
    });
  } finally {
    await probers.stop();
    site?.stopClock();
  }
}
