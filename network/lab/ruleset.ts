import { PumprangeError } from '../../protocol/index.ts';
import { routerNamespace } from './names.ts';
import { type LabTools, runTool, ToolError } from './tools.ts';

/** How often a rule or a counter of the router was met. */
export interface RuleCount {
  readonly table: string;
  /** Absent: a counter with a name of its own. */
  readonly chain?: string;
  /** The counter's name, else the rule's comment, else its handle. */
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}

/** The table that impairments have to themselves. */
export const IMPAIRMENTS = 'pumprange_impairments';

/**
 * Puts a ruleset in the place of all that the router has, in one transaction: it has the old or the new one, and never half of one.
 *
 * @param impairments text of the table that stays whatever the ruleset is
 * @param name what the ruleset is called in messages
 * @throws PumprangeError `PR_LAB_RULESET` with what nft says of each line; the old ruleset stays
 */
export async function loadRuleset(
  tools: LabTools,
  lab: string,
  ruleset: string,
  impairments: string,
  name: string,
): Promise<void> {
  // In the first line, so that the lines of the message are those of the file.
  const whole = `flush ruleset; ${ruleset}\n${impairments}\n`;
  try {
    await nft(tools, lab, ['-f', '-'], whole);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new PumprangeError('PR_LAB_RULESET', error.said.replaceAll('/dev/stdin', name), { cause: error });
  }
}

/** Puts the table of impairments in the place of the one before. */
export async function loadImpairments(tools: LabTools, lab: string, text: string): Promise<void> {
  await nft(
    tools,
    lab,
    ['-f', '-'],
    `table inet ${IMPAIRMENTS}\ndelete table inet ${IMPAIRMENTS}\n${text}\n`,
  );
}

/**
 * Tries, and does not load, what every ruleset of ours is made of.
 *
 * @throws PumprangeError `PR_LAB_KERNEL`
 */
export async function tryFirewall(tools: LabTools, lab: string): Promise<void> {
  try {
    await nft(tools, lab, ['-c', '-f', '-'], EVERYTHING);
  } catch (error) {
    const said = error instanceof ToolError ? error.said : String(error);
    const message = `nftables does not work (modules nf_tables, nf_conntrack, nft_ct, nft_log, nfnetlink_log): ${said}`;
    throw new PumprangeError('PR_LAB_KERNEL', message, { cause: error });
  }
}

const EVERYTHING = `table inet pumprange_try {
  counter tried { }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related counter name tried accept
    iifname "pr-try" ip saddr 10.0.0.1 tcp dport { 1, 2-3 } log group 1 prefix "try " accept
    numgen random mod 100 < 1 drop
  }
}
`;

/** @returns `nft -j list ruleset` of the router, as libnftables-json(5) has it */
export async function listRuleset(tools: LabTools, lab: string): Promise<unknown> {
  const printed: unknown = JSON.parse(await nft(tools, lab, ['-j', 'list', 'ruleset']));
  return printed;
}

/** @throws ToolError; PumprangeError `PR_LAB_NOT_UP` where there is no router, yet or any more */
async function nft(tools: LabTools, lab: string, args: readonly string[], input = ''): Promise<string> {
  try {
    return await runTool(tools.ip, ['netns', 'exec', routerNamespace(lab), tools.nft, ...args], input);
  } catch (error) {
    if (!(error instanceof ToolError && error.said.includes('Cannot open network namespace'))) throw error;
    throw new PumprangeError(
      'PR_LAB_NOT_UP',
      `the lab "${lab}" is just coming up, or going down; \`pumprange network lab status --name ${lab}\` says which`,
      { cause: error },
    );
  }
}

/** The counters of a listing. */
export function countsOf(listing: unknown): readonly RuleCount[] {
  return list(field(listing, 'nftables')).flatMap((entry): RuleCount[] => {
    const counter = field(entry, 'counter');
    if (counter !== undefined) return [countOf(counter, counter)];
    const rule = field(entry, 'rule');
    // One with a name is listed by itself.
    const own = list(field(rule, 'expr'))
      .map((one) => field(one, 'counter'))
      .find((one) => typeof one === 'object' && one !== null);
    return own === undefined ? [] : [countOf(rule, own)];
  });
}

function countOf(of: unknown, counter: unknown): RuleCount {
  const chain = field(of, 'chain');
  const name = field(of, 'name') ?? field(of, 'comment') ?? `handle ${String(field(of, 'handle'))}`;
  return {
    table: String(field(of, 'table')),
    ...(chain !== undefined && { chain: String(chain) }),
    name: String(name),
    packets: Number(field(counter, 'packets')),
    bytes: Number(field(counter, 'bytes')),
  };
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Object.getOwnPropertyDescriptor(of, name)?.value : undefined;
}

function list(of: unknown): readonly unknown[] {
  return Array.isArray(of) ? of : [];
}
