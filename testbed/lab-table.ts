import {
  bareConnectsMs,
  openProbers,
  rulesetJudge,
  runTable,
  type TruthTable,
  truthTable,
  type ZonePolicy,
} from '../network/index.ts';
import { hasIpv6, type Lab } from '../network/lab/index.ts';
import { selectPosture } from '../scenarios/index.ts';
import { loadShippedPostures, loadWardData } from './data.ts';
import { wallAndPki } from './ground.ts';
import { LAB_FIRMWARE } from './lab-floor.ts';
import { probedFloor } from './probed-floor.ts';
import { wardPumps } from './ward-pumps.ts';

/** Bare connections that the probes are measured against. */
const BARE_CONNECTS = 1_000;

export interface LabTableRequest {
  readonly posture: string;
  /** Folder of the floor that runs in the lab. */
  readonly dir: string;
  /** Programs of it that run. */
  readonly components: readonly string[];
  /** The file whose ruleset is loaded; absent: what the plan compiles to. */
  readonly ruleset?: string | undefined;
  readonly progress?: ((done: number, of: number) => void) | undefined;
}

/**
 * Probes everybody's way to everything in a lab that is up.
 *
 * @throws PumprangeError `PR_PROBER_FAILED`, `PR_RULESET_INVALID`, `PR_POSTURE_UNKNOWN`
 */
export async function makeTable(lab: Lab, policy: ZonePolicy, request: LabTableRequest): Promise<TruthTable> {
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
