import { PumprangeError } from '../../protocol/index.ts';
import type { Layout } from '../plan/layout.ts';

/** What the kernel, `ip` and `nft` all take as it stands: no pattern, no option, no sign that means something to one of them. */
const INTERFACE = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/;
/** Of the router's cables; see `lab/wiring.ts`. */
const OWN_PORT = /^port\d+-[av]$/;
/** What the kernel has for itself, and words of `ip`. */
const RESERVED = new Set(['lo', 'all', 'default', 'help', 'type', 'dev', 'name']);

/**
 * A layout whose router has the interfaces of a user's own firewall, so that its ruleset loads as it is.
 *
 * @param names interface by zone, such as `guest` → `eth1.22`; zones that are not named keep theirs
 * @throws PumprangeError `PR_USAGE`
 */
export function withInterfaces(layout: Layout, names: ReadonlyMap<string, string>): Layout {
  for (const [zone, name] of names) {
    if (!layout.zones.some(({ id }) => id === zone)) {
      const known = layout.zones.map(({ id }) => id).join(', ');
      throw new PumprangeError(
        'PR_USAGE',
        `there is no zone "${zone}" for interface ${name}; there are ${known}`,
      );
    }
    if (!INTERFACE.test(name)) {
      throw new PumprangeError(
        'PR_USAGE',
        `${JSON.stringify(name)} is no name of an interface: up to 15 letters, digits, dots, dashes and underscores, a letter or digit first`,
      );
    }
    if (RESERVED.has(name) || OWN_PORT.test(name)) {
      throw new PumprangeError('PR_USAGE', `"${name}" is a name that no interface of the router can have`);
    }
  }
  const zones = layout.zones.map((zone) => ({ ...zone, interface: names.get(zone.id) ?? zone.interface }));
  const twice = zones.find((zone, at) => zones.findIndex((one) => one.interface === zone.interface) < at);
  if (twice !== undefined) {
    throw new PumprangeError('PR_USAGE', `interface ${twice.interface} is that of two zones`);
  }
  return { ...layout, zones };
}
