import type { Command } from 'commander';
import { addNetworkCheck } from './network-check.ts';
import { addNetworkDiff } from './network-diff.ts';
import { addNetworkLab } from './network-lab.ts';
import { addNetworkPlan } from './network-plan.ts';

export function addNetwork(program: Command, done: (exitCode: number) => void): void {
  const network = program
    .command('network')
    .description('zones of the hospital network, on real network namespaces. TRAINING, NOT FOR HUMAN USE');
  addNetworkPlan(network);
  addNetworkLab(network);
  addNetworkCheck(network, done);
  addNetworkDiff(network, done);
}
