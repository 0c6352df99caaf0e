import { join } from 'node:path';
import {
  compileRuleset,
  type Layout,
  layOut,
  loadZonePlan,
  readRuleset,
  withInterfaces,
  type ZonePolicy,
} from '../network/index.ts';
import { ipv4Only, type LabOptions } from '../network/lab/index.ts';
import { environment, HOUSE } from './environment.ts';

/** Plans that the house has. */
export const SHIPPED_ZONES = ['sp1800-8', 'flat'] as const;

export interface LabPlanRequest {
  /** One of the shipped plans, or a file. */
  readonly zones: string;
  readonly name: string;
  /** A file of nftables, of iptables-save, or a table of flows; absent: what the plan compiles to. */
  readonly ruleset?: string | undefined;
  /** Of the router, by zone, where a ruleset has names of its own for them. */
  readonly interfaces?: Readonly<Record<string, string>> | undefined;
  readonly pumps: number;
  readonly ipv4Only: boolean;
}

/**
 * Reads what a lab is made of.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_ZONES_INVALID`, `PR_RULESET_INVALID`, `PR_USAGE`
 */
export function readLabPlan(request: LabPlanRequest): {
  readonly policy: ZonePolicy;
  readonly options: LabOptions;
} {
  const { zones, name, ruleset, pumps } = request;
  const shipped = SHIPPED_ZONES.find((one) => one === zones);
  const policy = loadZonePlan(
    shipped === undefined ? zones : join(HOUSE, 'network', 'zones', `${shipped}.yaml`),
  );
  const both = withInterfaces(layOut(policy, pumps), new Map(Object.entries(request.interfaces ?? {})));
  const layout = request.ipv4Only ? ipv4Only(both) : both;
  return {
    policy,
    options: {
      ...{ name, layout, plan: zones, toolFolders: environment.path },
      ...(ruleset === undefined
        ? { ruleset: compileRuleset(policy, layout), rulesetName: `the ruleset of ${zones}` }
        : usersOwn(ruleset, layout)),
    },
  };
}

function usersOwn(file: string, layout: Layout): Pick<LabOptions, 'ruleset' | 'rulesetName'> {
  const { text, isMade } = readRuleset(file, layout);
  return { ruleset: text, rulesetName: isMade ? `the ruleset made of ${file}` : file };
}
