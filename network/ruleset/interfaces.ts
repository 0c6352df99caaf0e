import { PumprangeError } from '../../protocol/index.ts';
import type { Layout } from '../plan/layout.ts';

/** As Linux has it: no space, no slash, at most 15 characters. */
const INTERFACE = /^[^\s/:"]{1,15}$/;

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
    if (!INTERFACE.test(name) || name === 'lo') {
      throw new PumprangeError(
        'PR_USAGE',
        `"${name}" is no name of an interface: at most 15 characters, no spaces`,
      );
    }
  }
  const zones = layout.zones.map((zone) => ({ ...zone, interface: names.get(zone.id) ?? zone.interface }));
  const twice = zones.find((zone, at) => zones.findIndex((one) => one.interface === zone.interface) < at);
  if (twice !== undefined) {
    throw new PumprangeError('PR_USAGE', `interface ${twice.interface} is that of two zones`);
  }
  return { ...layout, zones };
}
