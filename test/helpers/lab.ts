import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { loadZonePlan } from '../../network/index.ts';
import {
  type Lab,
  type LabOptions,
  type LabPlace,
  lackingCapabilities,
  ownRights,
} from '../../network/lab/index.ts';
import { type Layout, layOut } from '../../network/plan/layout.ts';
import { HOUSE } from '../../tools/house.ts';
import { hasTool } from './require-tool.ts';

/** Where this process looks for programs. */
export const TOOL_FOLDERS = (process.env['PATH'] ?? '').split(':');

/** Whether this machine can have a lab: `describe.skipIf(!canHaveLab())(…)`. */
export function canHaveLab(): boolean {
  const tools = [hasTool('ip', 'iproute2'), hasTool('nft', 'nftables')];
  const lacking = lackingCapabilities(ownRights());
  if (tools.every(Boolean) && lacking.length === 0) return true;
  const reason = `no network lab: lacks ${lacking.join(', ') || 'a tool'}`;
  if (process.env['PUMPRANGE_REQUIRE'] === 'all') throw new Error(`PUMPRANGE_REQUIRE=all, but ${reason}`);
  process.stderr.write(`skipped: ${reason}\n`);
  return false;
}

/** The shipped plan, with so many pumps. */
export function shippedLayout(pumps = 3): Layout {
  return layOut(loadZonePlan(join(HOUSE, 'network/zones/sp1800-8.yaml')), pumps);
}

/** Everybody reaches everybody. */
export function openOptions(name: string, more: Partial<LabOptions> = {}): LabOptions {
  const plain = { ruleset: '', plan: 'sp1800-8', toolFolders: TOOL_FOLDERS };
  return { name, layout: shippedLayout(), ...plain, ...more };
}

/** Runs a program in a zone to its end, and has what it printed. */
export function within(
  lab: Lab,
  place: LabPlace,
  argv: readonly [string, ...string[]],
): Promise<{ readonly code: number | null; readonly printed: string }> {
  return new Promise((resolve, reject) => {
    const child = lab.spawn(place, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    let printed = '';
    child.stdout?.on('data', (bytes) => (printed += bytes));
    child.stderr?.on('data', (bytes) => (printed += bytes));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, printed }));
  });
}

/** How a TCP connection from a place ends: `open`, `ECONNREFUSED`, `EHOSTUNREACH`, or `dropped` after 400 ms. */
export async function tcp(lab: Lab, from: LabPlace, host: string, port: number): Promise<string> {
  const { printed } = await within(lab, from, [process.execPath, '-e', CONNECT, host, String(port)]);
  return printed.trim();
}

const CONNECT = `
const [host, port] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port) });
const end = (word) => { console.log(word); process.exit(0); };
socket.once('connect', () => end('open')).once('error', (error) => end(error.code));
setTimeout(() => end('dropped'), 400);
`;

/** The host's own network: addresses, routes, firewall, and the namespaces that are no lab's; each as lines. */
export type HostNetwork = Readonly<Record<string, readonly string[]>>;

export function hostNetwork(): HostNetwork {
  const run = (name: string, ...args: string[]): readonly string[] =>
    execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')
      // Seconds that are left, and packets that came, are no change.
      .map((line) => line.replace(/(valid_lft|preferred_lft|expires) \d+sec|packets \d+ bytes \d+/g, ''));
  return {
    addresses: run('ip', '-oneline', 'address'),
    links: run('ip', '-oneline', 'link'),
    routes: run('ip', 'route', 'show', 'table', 'all'),
    routes6: run('ip', '-6', 'route'),
    rules: run('ip', 'rule'),
    firewall: withTables(run('nft', 'list', 'ruleset')),
    namespaces: run('ip', 'netns').filter((line) => !line.startsWith('pr-')),
    forwarding: run('cat', '/proc/sys/net/ipv4/ip_forward', '/proc/sys/net/ipv6/conf/all/forwarding'),
  };
}

/** Each line of a ruleset with the table that it is of. */
function withTables(lines: readonly string[]): readonly string[] {
  let table = '';
  return lines.map((line) => {
    table = /^table (.*) \{/.exec(line)?.[1] ?? table;
    return `${table}: ${line}`;
  });
}

/**
 * What has come and gone in the host's network since then. Where Docker is, or was, what belongs to it is left out: other tests have containers,
 * and bring its daemon up and down.
 */
export function hostChanges(before: HostNetwork): readonly string[] {
  const after = hostNetwork();
  const hasDocker = [before, after].some(({ firewall = [], links = [] }) =>
    [...firewall, ...links].some((line) => /docker/i.test(line)),
  );
  return Object.keys(before).flatMap((what) => {
    const [old = [], now = []] = [before[what], after[what]];
    const gone = old.filter((line) => !now.includes(line)).map((line) => `- ${what}: ${line}`);
    const come = now.filter((line) => !old.includes(line)).map((line) => `+ ${what}: ${line}`);
    return [...gone, ...come].filter((line) => !(hasDocker && DOCKERS.test(line)));
  });
}

const DOCKERS =
  /docker|br-[0-9a-f]{12}|\bveth[0-9a-f]+|\b172\.(1[7-9]|2\d|3[01])\.|firewall: (ip6? (filter|nat|raw|mangle))?:|forwarding: /i;
