import { existsSync } from 'node:fs';
import { PumprangeError } from '../../protocol/index.ts';
import type { Layout } from '../plan/layout.ts';
import { namespacesOf } from './names.ts';
import { type LabTools, runTool, ToolError } from './tools.ts';
import { type Batch, hasIpv6, routerBatch, type Settings, settings, zoneBatches } from './wiring.ts';

/**
 * Makes the namespaces of a lab and wires them.
 *
 * @throws PumprangeError `PR_LAB_KERNEL`, `PR_LAB_FAILED`; what was made so far stands
 */
export async function build(tools: LabTools, lab: string, layout: Layout): Promise<void> {
  const namespaces = namespacesOf(lab, layout.zones);
  await batch(
    tools,
    [],
    namespaces.map((name) => `netns add ${name}`),
  );
  // The router forwards and the zones are quiet before there is anything to hear.
  const has = (file: string): boolean => existsSync(`${SYSCTL}/${file}`);
  await Promise.all(settings(lab, layout, hasIpv6(layout), has).map((one) => set(tools, one)));
  await inNamespace(tools, routerBatch(lab, layout));
  await Promise.all(zoneBatches(lab, layout).map((one) => inNamespace(tools, one)));
}

const SYSCTL = '/proc/sys/net';

function inNamespace(tools: LabTools, { namespace, lines }: Batch): Promise<void> {
  return batch(tools, ['-n', namespace], lines);
}

async function batch(tools: LabTools, where: readonly string[], lines: readonly string[]): Promise<void> {
  try {
    await runTool(tools.ip, [...where, '-batch', '-'], `${lines.join('\n')}\n`);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const [, number] = /Command failed -:(\d+)/.exec(error.said) ?? [];
    const line = lines[Number(number) - 1] ?? '';
    throw explained(error, line);
  }
}

/** `tee` writes one value to many files, within the namespace and without a shell. */
async function set(tools: LabTools, { namespace, value, files }: Settings): Promise<void> {
  if (files.length === 0) return;
  const paths = files.map((file) => `${SYSCTL}/${file}`);
  try {
    await runTool(tools.ip, ['netns', 'exec', namespace, 'tee', ...paths], value);
  } catch (error) {
    throw explained(error, `set ${files.join(' ')} to ${value}`);
  }
}

/** What a line needs of the kernel. */
const MODULES: readonly (readonly [line: RegExp, module: string])[] = [
  [/^netns add /, 'network namespaces (CONFIG_NET_NS), and a /run/netns that may be mounted'],
  [/ type bridge/, 'the module bridge'],
  [/ type veth /, 'the module veth'],
  [/^set .*ipv6/, 'IPv6'],
];

const LACKING =
  /unknown device type|not supported|operation not permitted|invalid argument|no such file|mount/i;

function explained(error: unknown, line: string): PumprangeError {
  const said = error instanceof ToolError ? error.said : String(error);
  const [, module] = MODULES.find(([pattern]) => pattern.test(line)) ?? [];
  if (module !== undefined && LACKING.test(said)) {
    return new PumprangeError('PR_LAB_KERNEL', `the kernel lacks ${module}: ${line}: ${said}`, {
      cause: error,
    });
  }
  return new PumprangeError('PR_LAB_FAILED', `${line}: ${said}`, { cause: error });
}
