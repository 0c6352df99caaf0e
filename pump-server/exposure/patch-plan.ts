import { compareVersions, type Dependency, unmetDependency } from '../../protocol/firmware/index.ts';
import type { Advisory, Severity } from './advisory.ts';
import {
  type Build,
  bySeverity,
  type Exposure,
  exposuresOf,
  type InventoriedPump,
  type PumpExposure,
} from './exposure.ts';

/** A version that a pump could be updated to, and what a pump must have for it. */
export interface AvailableBuild extends Build {
  readonly dependencies: readonly Dependency[];
}

/** One update for all pumps of a model that run the same version. */
export interface PatchStep {
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly pumps: readonly string[];
  readonly closes: readonly string[];
  readonly leaves: readonly string[];
  readonly reasons: readonly string[];
}

interface Candidate {
  readonly build: AvailableBuild;
  readonly closed: readonly Exposure[];
  readonly left: readonly Exposure[];
}

/** How much a pump that is exposed to one advisory of that severity counts; synthetic, and only for the order. */
const WEIGHTS: Readonly<Record<Severity, number>> = { low: 1, medium: 3, high: 10, critical: 30 };

/**
 * What to patch first, and why: the update that closes the worst first, and of those the one that takes most off all pumps. Each
 * update leads to the version that leaves the least, the lowest where several do, and only to one that the pumps can take from where they are.
 */
export function patchPlan(
  pumps: readonly PumpExposure[],
  builds: readonly AvailableBuild[],
  advisories: readonly Advisory[],
): readonly PatchStep[] {
  const groups = new Map<string, PumpExposure[]>();
  for (const pump of pumps) {
    const key = `${pump.model} ${pump.firmware}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pump]);
    else group.push(pump);
  }
  return [...groups.values()]
    .flatMap((group) => {
      const best = bestFor(group, builds, advisories);
      return best === undefined ? [] : [{ group, best }];
    })
    .sort((a, b) => compare(a, b))
    .map(({ group, best }) => stepOf(group, best, advisories));
}

/**
 * The pumps as they are once each runs what a plan has for its model. A plan takes no pump back to an older version, and none to a version that
 * it cannot take from where it is.
 */
export function afterRollout(
  pumps: readonly InventoriedPump[],
  plan: ReadonlyMap<string, string>,
  builds: readonly AvailableBuild[],
): readonly InventoriedPump[] {
  const buildOf = (model: string, version: string): AvailableBuild | undefined =>
    builds.find((build) => build.model === model && build.version === version);
  return pumps.map((pump) => {
    const version = plan.get(pump.model);
    if (version === undefined || compareVersions(version, pump.firmware) <= 0) return pump;
    const components = buildOf(pump.model, pump.firmware)?.components;
    const dependencies = buildOf(pump.model, version)?.dependencies ?? [];
    // Of a version that nobody knows nobody knows either what it can take; the plan is believed.
    if (components !== undefined && unmetDependency(dependencies, components) !== undefined) return pump;
    return { ...pump, firmware: version };
  });
}

interface Ranked {
  readonly group: readonly PumpExposure[];
  readonly best: Candidate;
}

function compare(a: Ranked, b: Ranked): number {
  const [worstOfA, worstOfB] = [a.best.closed[0], b.best.closed[0]];
  const worst = worstOfA === undefined || worstOfB === undefined ? 0 : bySeverity(worstOfA, worstOfB);
  return worst || weightOf(b) - weightOf(a);
}

function weightOf({ group, best }: Ranked): number {
  return group.length * best.closed.reduce((sum, { severity }) => sum + WEIGHTS[severity], 0);
}

function bestFor(
  group: readonly PumpExposure[],
  builds: readonly AvailableBuild[],
  advisories: readonly Advisory[],
): Candidate | undefined {
  const [first] = group;
  const from = builds.find(({ model, version }) => model === first?.model && version === first.firmware);
  if (first?.exposedTo == null || from === undefined) return undefined;
  const { exposedTo } = first;
  return builds
    .filter(({ model, version }) => model === from.model && compareVersions(version, from.version) > 0)
    .filter(({ dependencies }) => unmetDependency(dependencies, from.components) === undefined)
    .map((build): Candidate => {
      const left = exposuresOf(build, advisories);
      const open = new Set(left.map(({ advisory }) => advisory));
      return { build, left, closed: exposedTo.filter(({ advisory }) => !open.has(advisory)) };
    })
    .filter(({ closed }) => closed.length > 0)
    .sort((a, b) => a.left.length - b.left.length || compareVersions(a.build.version, b.build.version))[0];
}

function stepOf(
  group: readonly PumpExposure[],
  { build, closed, left }: Candidate,
  advisories: readonly Advisory[],
): PatchStep {
  const worst = closed.filter(({ severity }) => severity === closed[0]?.severity);
  const noFix = left.flatMap(({ advisory }) => advisories.filter(({ id }) => id === advisory));
  const areas = [...new Set(group.flatMap(({ careArea }) => careArea ?? []))].sort();
  return {
    model: build.model,
    from: group[0]?.firmware ?? '',
    to: build.version,
    pumps: group.map(({ serial }) => serial),
    closes: closed.map(({ advisory }) => advisory),
    leaves: left.map(({ advisory }) => advisory),
    reasons: [
      `closes ${worst.length} of severity ${worst[0]?.severity ?? 'low'} (${worst.map(({ advisory }) => advisory).join(', ')})`,
      `${counted(group.length, 'pump')}${areas.length === 0 ? '' : ` in ${areas.join(', ')}`}`,
      `one update closes ${closed.length} and leaves ${left.length}`,
      ...noFix.map(({ id, untilThen }) => `${id} stays open: ${untilThen}`),
    ],
  };
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
