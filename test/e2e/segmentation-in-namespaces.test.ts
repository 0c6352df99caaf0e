import { afterEach, describe, expect, test, vi } from 'vitest';
import { FloorPlan } from '../../network/emulation/floor-plan.ts';
import { type Lab, withLab } from '../../network/lab/index.ts';
import { layOut } from '../../network/plan/layout.ts';
import { assetAt, type ZonePolicy } from '../../network/plan/policy.ts';
import { compileRuleset } from '../../network/ruleset/compile.ts';
import { openProbers, type Probers } from '../../network/table/probers.ts';
import type { Cell, Scenario } from '../../scenarios/index.ts';
import { cellRunner } from '../../testbed/cell-runner.ts';
import { environment } from '../../testbed/environment.ts';
import { loadExercise } from '../../testbed/index.ts';
import { canHaveLab } from '../helpers/lab.ts';
import { PROBER } from '../network/probe/open-prober.ts';

/**
 * The emulation of the zones decides at listeners on loopback, in simulated time. Here what it decided, for every attack of the catalogue and every
 * rehearsal of segmentation, is asked again of a real router with nftables, in network namespaces; the two must agree.
 */
interface Decision {
  readonly policy: ZonePolicy;
  readonly over: 'ipv4' | 'ipv6';
  readonly zone: string;
  /** Absent: a visitor. */
  readonly sender: string | undefined;
  readonly asset: string;
  readonly service: string;
  readonly allowed: boolean;
}

const exercise = loadExercise();
const shipped = exercise.data.zones.segmented;

afterEach(() => void vi.restoreAllMocks());

/** A cable and a cut are none of the router's. */
function isAboutCables({ steps }: Scenario): boolean {
  return steps.some(({ action }) => action.do === 'bridge-zones' || action.do === 'partition-zones');
}

/** Carries scenarios out, with what the zones decided in them, each once. */
async function decisionsOf(scenarios: readonly Scenario[]): Promise<readonly Decision[]> {
  const decisions = new Map<string, Decision>();
  const numbers = new Map<ZonePolicy, number>();
  const decide = FloorPlan.prototype.allows;
  vi.spyOn(FloorPlan.prototype, 'allows').mockImplementation(function (this: FloorPlan, from, service, atMs) {
    const allowed = decide.call(this, from, service, atMs);
    const { policy } = this;
    const zone = this.zoneOf(from);
    const sender = assetAt(policy, from);
    const version = numbers.get(policy) ?? numbers.size;
    numbers.set(policy, version);
    if (zone !== undefined) {
      const over = this.ipVersionOf(from);
      const { asset, name } = service;
      const key = [version, over, zone, sender, asset, name, allowed].join(' ');
      decisions.set(key, { policy, over, zone, sender, asset, service: name, allowed });
    }
    return allowed;
  });
  const posture = exercise.postures.find(({ id }) => id === 'layered');
  if (posture === undefined) throw new Error('there is no posture `layered`');
  const carryOut = cellRunner({ exercise, scenarios, base: posture });
  for (const { id, attack } of scenarios) {
    const cell: Cell =
      attack === undefined ? { cell: 'all' } : { cell: 'alone', control: 'zone-segmentation' };
    await carryOut({ scenario: id, firmware: attack?.firmware?.[0] ?? null, cell });
  }
  return [...decisions.values()];
}

/** Whether the same gets through the router: an answer from beyond it, be it that nobody listens. */
async function seen(lab: Lab, probers: Probers, decision: Decision): Promise<boolean> {
  const { over, zone, sender, asset, service, policy } = decision;
  const place = lab.layout.places.find((one) => one.asset === asset);
  const visitor = lab.layout.zones.find(({ id }) => id === zone)?.visitor;
  const own = lab.layout.places.find((one) => one.asset === sender);
  const planned = policy.assets.get(asset)?.services.find(({ name }) => name === service);
  const addresses = own ?? visitor;
  if (place === undefined || planned === undefined || addresses === undefined)
    throw new Error(`${asset}/${service}`);
  const prober = probers.of({ name: zone, zone, addresses, ...(own && sender && { asset: sender }) });
  const { outcome, by } = await prober.ask({
    ...{ kind: 'tcp', from: addresses[over] ?? '', to: place[over] ?? '', port: planned.port },
  });
  return outcome === 'open' || (outcome === 'refused' && by === 'host');
}

describe.skipIf(!canHaveLab())('what the emulated zones decide, a real router decides', () => {
  test.each([
    ['attacks', exercise.scenarios.filter(({ family }) => family === 'attack'), 20],
    [
      'rehearsals of segmentation',
      exercise.scenarios.filter((one) => one.family === 'segmentation' && !isAboutCables(one)),
      10,
    ],
  ] as const)('for the %s', { timeout: 300_000 }, async (_name, scenarios, least) => {
    const decisions = await decisionsOf(scenarios);
    expect(decisions.length).toBeGreaterThan(least);
    expect(new Set(decisions.map(({ allowed }) => allowed))).toEqual(new Set([true, false]));
    const layout = layOut(shipped, 2);
    const ruleset = compileRuleset(shipped, layout);
    const options = { name: 'replay', layout, ruleset, plan: 'sp1800-8', toolFolders: environment.path };
    const differing = await withLab(options, async (lab) => {
      const probers = await openProbers(lab, PROBER);
      try {
        const wrong: string[] = [];
        for (const policy of new Set(decisions.map((one) => one.policy))) {
          await lab.load(compileRuleset(policy, layout));
          const own = decisions.filter((one) => one.policy === policy);
          const results = await Promise.all(own.map((one) => seen(lab, probers, one)));
          results.forEach((through, index) => {
            const one = own[index];
            if (one !== undefined && through !== one.allowed) {
              wrong.push(
                `${one.sender ?? one.zone} → ${one.asset}/${one.service}: emulated ${one.allowed}, real ${through}`,
              );
            }
          });
        }
        return wrong;
      } finally {
        await probers.stop();
      }
    });
    expect(differing).toEqual([]);
  });
});
