import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { PumprangeError } from '../../protocol/index.ts';
import type { Layout } from '../plan/layout.ts';
import { build } from './build.ts';
import { delayLater, undelay } from './delay.ts';
import { forgetIdle } from './idle.ts';
import { examineImpairment, type Impairment, impairmentsTable } from './impair.ts';
import { readImpairments, writeImpairments } from './impairments-file.ts';
import { leftOverLabs } from './left-overs.ts';
import { isOfLab, type LabPlace, labName, namespaceOf } from './names.ts';
import { type LabProcess, lives, namespaceNames, processesIn } from './processes.ts';
import { demand, type LabRights, ownRights } from './requirements.ts';
import {
  countsOf,
  listRuleset,
  loadImpairments,
  loadRuleset,
  type RuleCount,
  tryFirewall,
} from './ruleset.ts';
import { claim, DOWN_ALL, downCommand, type LabState, readState } from './state.ts';
import { sweep } from './sweep.ts';
import { findTools, type LabTools } from './tools.ts';
import { hasIpv6 } from './wiring.ts';

export interface LabOptions {
  /** Up to 12 lower-case letters and digits. */
  readonly name: string;
  readonly layout: Layout;
  /** What the router starts with; nftables. */
  readonly ruleset: string;
  /** What the ruleset is called in messages; absent: `ruleset`. */
  readonly rulesetName?: string;
  /** What the plan is called, for `status`. */
  readonly plan: string;
  /** Where programs are looked for, and in the `sbin` beside each `bin`. */
  readonly toolFolders: readonly string[];
  /** Absent: those of this process. */
  readonly rights?: LabRights;
}

/** A lab that is up. */
export interface Lab {
  readonly name: string;
  readonly layout: Layout;
  readonly state: LabState;
  /** What `ip netns` calls a place. */
  namespace(place: LabPlace): string;
  /**
   * Puts another ruleset in the place of the router's, at once. Connections that were open stay tracked.
   *
   * @param name what it is called in messages
   * @throws PumprangeError `PR_LAB_RULESET` with what nft says of each line; the old one stays
   */
  load(ruleset: string, name?: string): Promise<void>;
  /** What the router has: `nft -j list ruleset`. */
  listRuleset(): Promise<unknown>;
  counts(): Promise<readonly RuleCount[]>;
  /** @throws PumprangeError `PR_USAGE`, `PR_LAB_KERNEL` for a delay where the kernel has no netem */
  impair(impairment: Impairment): Promise<void>;
  /** From now on the router forgets TCP sessions that are idle for so long, in whole seconds, and picks none up in the middle. */
  forgetIdle(seconds: number): Promise<void>;
  /** What is wrong with the network now. */
  impairments(): readonly Impairment[];
  /** Takes every impairment away. */
  heal(): Promise<void>;
  /**
   * Starts a program in a zone, without a shell.
   *
   * @param argv an absolute path or a name, and arguments
   */
  spawn(place: LabPlace, argv: readonly [string, ...string[]], options?: SpawnOptions): ChildProcess;
  processes(): readonly LabProcess[];
  /** What is done before the lab is closed in good order: programs in it may want to end by themselves. */
  beforeClose(work: () => Promise<void>): void;
  /** Ends every process in its namespaces and removes them. More than once does no harm. */
  close(): Promise<void>;
  /** As `close`, within this turn; for a process that is about to end. */
  closeNow(): void;
}

/**
 * Makes network namespaces, wires them as a layout says, and puts a ruleset into the router.
 *
 * @throws PumprangeError `PR_LAB_TOOL`, `PR_LAB_PRIVILEGE`, `PR_LAB_KERNEL`, `PR_LAB_NO_IPV6`, `PR_LAB_IN_USE`, `PR_LAB_LEFT_OVER`,
 * `PR_LAB_RULESET`, `PR_LAB_FAILED`, `PR_ZONES_INVALID`, `PR_DISK`; nothing stands then that did not before
 */
export async function openLab(options: LabOptions): Promise<Lab> {
  const { layout } = options;
  const name = labName(options.name);
  const tools = findTools(options.toolFolders);
  demand(options.rights ?? ownRights(), hasIpv6(layout));
  claim(name, options.plan, layout);
  const state = readState(name);
  try {
    if (state === undefined) throw new PumprangeError('PR_LAB_FAILED', 'its state cannot be read again');
    await build(tools, name, layout);
    await tryFirewall(tools, name);
    await loadRuleset(tools, name, options.ruleset, '', options.rulesetName ?? 'ruleset');
    return labOf(tools, name, state);
  } catch (error) {
    sweep(tools, name);
    throw error;
  }
}

/**
 * A lab that another process has up. Closing it is that one's business, or `takeDown`'s.
 *
 * @throws PumprangeError `PR_LAB_NOT_UP`, `PR_LAB_LEFT_OVER`, `PR_LAB_TOOL`, `PR_LAB_PRIVILEGE`
 */
export function attachLab(name: string, toolFolders: readonly string[]): Lab {
  const lab = labName(name);
  const tools = findTools(toolFolders);
  demand(ownRights(), false);
  const state = readState(lab);
  if (state !== undefined && lives(state.owner)) return labOf(tools, lab, state);
  if (state === undefined && !namespaceNames().some((one) => isOfLab(one, lab))) {
    const left = leftOverLabs();
    const also =
      left.length === 0
        ? ''
        : `. Left over by processes that are gone: ${left.join(', ')}; \`${DOWN_ALL}\` removes that`;
    throw new PumprangeError(
      'PR_LAB_NOT_UP',
      `no lab "${lab}" is up; \`pumprange network lab up --name ${lab}\` brings it up${also}`,
    );
  }
  throw new PumprangeError(
    'PR_LAB_LEFT_OVER',
    `the process that had the lab "${lab}" up is gone; \`${downCommand(lab)}\` removes what it left`,
  );
}

function labOf(tools: LabTools, name: string, state: LabState): Lab {
  const { layout } = state;
  const farewells: (() => Promise<void>)[] = [];
  const closeNow = (): void => sweep(tools, name);
  return {
    name,
    layout,
    state,
    namespace: (place) => namespaceOf(name, place),
    load: (ruleset, called = 'ruleset') =>
      loadRuleset(tools, name, ruleset, impairmentsTable(readImpairments(name), layout), called),
    listRuleset: () => listRuleset(tools, name),
    counts: async () => countsOf(await listRuleset(tools, name)),
    impair: async (impairment) => {
      examineImpairment(impairment, layout);
      if (impairment.kind === 'delay') await delayLater(tools, name, impairment);
      const all = [...readImpairments(name), impairment];
      await loadImpairments(tools, name, impairmentsTable(all, layout));
      writeImpairments(name, all);
    },
    forgetIdle: (seconds) => forgetIdle(tools, name, seconds),
    impairments: () => readImpairments(name),
    heal: async () => {
      await loadImpairments(tools, name, '');
      for (const one of readImpairments(name)) if (one.kind === 'delay') await undelay(tools, name, one.zone);
      writeImpairments(name, []);
    },
    spawn: (place, argv, options = {}) =>
      spawn(tools.ip, ['netns', 'exec', namespaceOf(name, place), ...argv], options),
    processes: () => processesIn(namespaceNames().filter((one) => isOfLab(one, name))),
    beforeClose: (work) => {
      farewells.push(work);
    },
    close: async () => {
      for (const work of farewells.splice(0).reverse()) await work().catch(() => undefined);
      closeNow();
    },
    closeNow,
  };
}
