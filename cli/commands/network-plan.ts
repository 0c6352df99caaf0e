import type { Command } from 'commander';
import { readLabPlan, SHIPPED_ZONES } from '../../testbed/index.ts';
import { planDocument, planText } from '../output/plan-text.ts';
import { print } from '../output/terminal.ts';
import { wholeNumber } from './options.ts';

interface PlanOptions {
  readonly nft?: true;
  readonly pumps: number;
  readonly json?: true;
}

export function addNetworkPlan(network: Command): void {
  network
    .command('plan')
    .description(
      'zones, what stands in them and what may pass between them; or the firewall that this compiles to',
    )
    .argument('[zones]', `${SHIPPED_ZONES.join(', ')}, or a file`, SHIPPED_ZONES[0])
    .option('--nft', 'print the ruleset, as nft reads it')
    .option('--pumps <n>', 'how many pumps', wholeNumber(1, 200), 6)
    .option('--json', 'print one JSON document')
    .action(async (zones: string, { nft, pumps, json }: PlanOptions) => {
      const { policy, options } = readLabPlan({ zones, name: 'plan', pumps, ipv4Only: false });
      if (nft === true) return print(options.ruleset);
      if (json === true) return print(`${JSON.stringify(planDocument(policy, options.layout), null, 2)}\n`);
      await print(planText(policy, Date.now()));
    });
}
