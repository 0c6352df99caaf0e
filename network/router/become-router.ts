import { PumprangeError } from '../../protocol/index.ts';
import { type LabTools, runTool } from '../lab/tools.ts';
import type { LaidZone, Layout } from '../plan/layout.ts';
import { addressNumber } from '../plan/range.ts';

/** An interface of this machine and its address of IPv4. */
export interface OwnInterface {
  readonly name: string;
  readonly address: string;
}

/**
 * What makes a router between the zones out of a machine that is plugged into each: the interfaces get the names that rulesets know, and
 * the router's addresses. Lines for `ip -batch`.
 *
 * @throws PumprangeError `PR_GUARDRAIL` for an interface that is in no zone; `PR_USAGE` for a zone in which there is none
 */
export function routerLines({ zones }: Layout, interfaces: readonly OwnInterface[]): string[] {
  const stranger = interfaces.find(({ address }) => !zones.some((zone) => isIn(zone, address)));
  if (stranger !== undefined) {
    throw new PumprangeError('PR_GUARDRAIL', `${stranger.name} has ${stranger.address}, which is in no zone`);
  }
  return zones.flatMap((zone) => {
    const found = interfaces.find(({ address }) => isIn(zone, address));
    if (found === undefined)
      throw new PumprangeError('PR_USAGE', `this machine has no interface in ${zone.id}`);
    const { interface: name, router, ipv4Bits } = zone;
    const rename =
      found.name === name
        ? []
        : [`link set ${found.name} down`, `link set ${found.name} name ${name}`, `link set ${name} up`];
    const place = `address replace ${router.ipv4}/${ipv4Bits} dev ${name}`;
    return [...rename, place];
  });
}

/**
 * Makes this machine the router between the zones. The ruleset is there before anything can be forwarded.
 *
 * @throws PumprangeError as {@link routerLines}; ToolError
 */
export async function becomeRouter(
  tools: Pick<LabTools, 'ip' | 'nft'>,
  layout: Layout,
  interfaces: readonly OwnInterface[],
  ruleset: string,
): Promise<void> {
  const lines = routerLines(layout, interfaces);
  await runTool(tools.nft, ['-f', '-'], `flush ruleset; ${ruleset}\n`);
  // From here on nothing leads out: whoever made this machine may have given it a default route.
  await runTool(tools.ip, ['route', 'flush', 'exact', '0.0.0.0/0']);
  await runTool(tools.ip, ['-batch', '-'], `${lines.join('\n')}\n`);
}

function isIn({ router, ipv4Bits }: LaidZone, address: string): boolean {
  const [one, other] = [addressNumber(router.ipv4), addressNumber(address)];
  if (one === undefined || other === undefined) return false;
  const size = 2 ** (32 - ipv4Bits);
  return Math.floor(one / size) === Math.floor(other / size);
}
