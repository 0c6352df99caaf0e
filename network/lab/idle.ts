import { routerNamespace } from './names.ts';
import { type LabTools, runTool } from './tools.ts';

/**
 * After how many seconds without a packet the router forgets a TCP session. It then takes what comes for no session at all, and does not pick
 * it up in the middle, as a strict firewall; by itself Linux waits five days and picks up.
 *
 * @throws ToolError
 */
export async function forgetIdle(tools: LabTools, lab: string, seconds: number): Promise<void> {
  await write(tools, lab, 'nf_conntrack_tcp_loose', 0);
  await write(tools, lab, 'nf_conntrack_tcp_timeout_established', seconds);
}

async function write(tools: LabTools, lab: string, name: string, value: number): Promise<void> {
  const file = `/proc/sys/net/netfilter/${name}`;
  await runTool(tools.ip, ['netns', 'exec', routerNamespace(lab), 'tee', file], `${value}\n`);
}
