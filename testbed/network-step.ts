import type { ActionOf, StepResult } from '../scenarios/index.ts';
import type { Testbed } from './testbed.ts';

type NetworkAction = ActionOf<
  'change-firewall' | 'bridge-zones' | 'unbridge-zones' | 'partition-zones' | 'heal-partition'
>;

/** Does to the emulated network what whoever looks after it does, or what a wrong cable does. */
export function networkStep({ network }: Testbed, action: NetworkAction): StepResult {
  const changed = change(network, action);
  if (!changed.done) return { outcome: 'refused', detail: changed.reason };
  return { outcome: 'succeeded', detail: `${changed.cut} connections ended` };
}

function change(network: Testbed['network'], action: NetworkAction): ReturnType<typeof network.setBridge> {
  switch (action.do) {
    case 'change-firewall':
      return network.changeFirewall(action, action.sessions);
    case 'bridge-zones':
      return network.setBridge(...action.zones, true);
    case 'unbridge-zones':
      return network.setBridge(...action.zones, false);
    case 'partition-zones':
      return network.setPartition(...action.zones, true);
    case 'heal-partition':
      return network.setPartition(...action.zones, false);
  }
}
