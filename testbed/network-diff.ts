import {
  askSessions,
  compareTables,
  holdSessions,
  type NetworkDiff,
  newlyReachable,
  observedPolicy,
  openProbers,
  type Probers,
  type SessionLine,
  sourcesOf,
  type TruthTable,
  withoutRule,
  type ZonePolicy,
} from '../network/index.ts';
import { type Lab, stateFolder, withLab } from '../network/lab/index.ts';
import type { Exercise } from './exercise.ts';
import { type IdleTrial, tryIdle } from './idle-trial.ts';
import { startLabFloor } from './lab-floor.ts';
import { type LabPlanRequest, readLabPlan } from './lab-plan.ts';
import { makeTable } from './lab-table.ts';
import { type Rehearsed, rehearseOn } from './rehearse-on.ts';

/** One of the two networks: its zones, and whose ruleset stands between them. */
export type DiffSide = Pick<LabPlanRequest, 'zones' | 'ruleset' | 'interfaces'>;

export interface NetworkDiffRequest {
  readonly old: DiffSide;
  readonly new: DiffSide;
  readonly pumps: number;
  readonly ipv4Only: boolean;
  readonly posture: string;
  /** After which the new firewall forgets an idle session; absent: that is not tried. */
  readonly idleTimeoutMs?: number | undefined;
  /** How to run the command of this house. */
  readonly program: readonly string[];
  readonly progress: (what: string, done: number, of: number) => void;
}

interface Side {
  readonly policy: ZonePolicy;
  readonly options: ReturnType<typeof readLabPlan>['options'];
  readonly ruleset: string | undefined;
}

/** What was seen on both networks, and of what stayed open in between. */
interface Seen {
  readonly tables: readonly [TruthTable, TruthTable];
  readonly sessions: readonly SessionLine[] | null;
  readonly idle: IdleTrial | null;
}

/**
 * Builds both networks, probes them, and rehearses the catalogue on what was seen. Where only the ruleset differs, it changes under sessions
 * that are open.
 *
 * @throws PumprangeError as `network check` does
 */
export async function diffNetworks(exercise: Exercise, request: NetworkDiffRequest): Promise<NetworkDiff> {
  const begun = performance.now();
  const madeAt = new Date().toISOString();
  const [old, now] = [request.old, request.new].map((side) => readSide(side, request)) as [Side, Side];
  const isSamePlace = JSON.stringify(old.options.layout) === JSON.stringify(now.options.layout);
  const seen = isSamePlace ? await inOneLab(old, now, request) : await inTwoLabs(old, now, request);
  const [before, after] = seen.tables;
  const known = exercise.data.zones.segmented;
  const rehearse = (side: Side, table: TruthTable, what: string): Promise<Rehearsed> =>
    rehearseOn(exercise, observedPolicy(known, side.policy, table.cells), (done, of) =>
      request.progress(what, done, of),
    );
  const wasOf = await rehearse(old, before, 'rehearsals on the old network');
  const isOf = await rehearse(now, after, 'rehearsals on the new network');
  const changes = compareTables(before.cells, after.cells);
  const plain = changes.map(({ gained: _, roles, ipVersions, was, is, ...change }) => ({
    ...change,
    ...{ roles: [...roles], ipVersions: [...ipVersions], was: [...was], is: [...is] },
  }));
  return {
    version: 1,
    madeAt,
    old: sideOf(before),
    new: sideOf(after),
    gained: plain.filter((_, index) => changes[index]?.gained === true),
    lost: plain.filter((_, index) => changes[index]?.gained === false),
    newlyReachable: [...newlyReachable(changes)].map(([asset, whom]) => ({ asset, for: [...whom] })),
    attacks: {
      possible: changed(wasOf.attacks, isOf.attacks, true),
      impossible: changed(wasOf.attacks, isOf.attacks, false),
      tried: isOf.attacks.size,
    },
    care: {
      broken: changed(wasOf.care, isOf.care, false),
      mended: changed(wasOf.care, isOf.care, true),
      tried: isOf.care.size,
    },
    sessions: seen.sessions === null ? null : [...seen.sessions],
    idle: seen.idle,
    wallMs: Math.round(performance.now() - begun),
  };
}

function readSide(side: DiffSide, request: NetworkDiffRequest): Side {
  const { pumps, ipv4Only } = request;
  return { ...readLabPlan({ ...side, name: `diff${process.pid}`, pumps, ipv4Only }), ruleset: side.ruleset };
}

async function inOneLab(old: Side, now: Side, request: NetworkDiffRequest): Promise<Seen> {
  return inLab(old, request, async (lab, table) => {
    const sources = sourcesOf(lab.layout, old.policy);
    const before = await table(old, 'probes of the old network');
    const probers = await openProbers(lab);
    try {
      const held = await holdSessions(before.cells, sources, probers.of);
      await lab.load(now.options.ruleset, now.options.rulesetName);
      const asked = await askSessions(held, probers.of);
      const after = await table(now, 'probes of the new network');
      const sessions = withoutRule(asked, after.cells);
      return { tables: [before, after], sessions, idle: await idleOf(lab, now, probers, after, request) };
    } finally {
      await probers.stop();
    }
  });
}

async function inTwoLabs(old: Side, now: Side, request: NetworkDiffRequest): Promise<Seen> {
  const before = await inLab(old, request, (_lab, table) => table(old, 'probes of the old network'));
  return inLab(now, request, async (lab, table) => {
    const after = await table(now, 'probes of the new network');
    const probers = await openProbers(lab);
    try {
      return {
        tables: [before, after],
        sessions: null,
        idle: await idleOf(lab, now, probers, after, request),
      };
    } finally {
      await probers.stop();
    }
  });
}

function inLab<T>(
  side: Side,
  request: NetworkDiffRequest,
  use: (lab: Lab, table: (of: Side, what: string) => Promise<TruthTable>) => Promise<T>,
): Promise<T> {
  return withLab(side.options, async (lab) => {
    const dir = stateFolder(lab.name);
    const floor = await startLabFloor(lab, { ...request, policy: side.policy, dir });
    const components = floor.components().map(({ name }) => name);
    return use(lab, (of, what) =>
      makeTable(lab, of.policy, {
        ...{ posture: request.posture, dir, components, ruleset: of.ruleset },
        progress: (done, all) => request.progress(what, done, all),
      }),
    );
  });
}

async function idleOf(
  lab: Lab,
  { policy }: Side,
  probers: Probers,
  { cells }: TruthTable,
  { idleTimeoutMs }: NetworkDiffRequest,
): Promise<IdleTrial | null> {
  if (idleTimeoutMs === undefined) return null;
  return tryIdle(lab, { idleTimeoutMs, cells, sources: sourcesOf(lab.layout, policy), probers });
}

function sideOf({ plan, ruleset, mismatches, probes }: TruthTable): NetworkDiff['old'] {
  return { plan, ruleset, mismatches, probes };
}

function changed(was: ReadonlyMap<string, boolean>, is: ReadonlyMap<string, boolean>, to: boolean): string[] {
  return [...is].flatMap(([id, holds]) => (holds === to && was.get(id) === !to ? [id] : [])).sort();
}
