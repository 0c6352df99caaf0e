import type { Command } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import { beginRollout, orderRollout, readRolloutPlan, rolloutStatus } from '../../testbed/index.ts';
import { rolloutsText, rolloutText } from '../output/rollout-text.ts';
import { print } from '../output/terminal.ts';
import { type DirOption, withDir } from './pki-folder.ts';

interface ByOption extends DirOption {
  readonly as: string;
  readonly json?: boolean;
}

interface BeginOptions extends ByOption {
  readonly package: string;
  readonly backOutTo?: string;
}

const ORDERS = [
  ['pause', 'offer the update to no further pump; what is under way is finished'],
  ['resume', 'go on with one that was paused or has halted'],
  ['abort', 'end it: what is not applied yet is taken back'],
  ['back-out', 'offer those that have the update what ran before'],
] as const;

export function addRollout(program: Command): void {
  const rollout = program
    .command('rollout')
    .description('bring firmware to the pumps of a ward that runs, in waves. TRAINING, NOT FOR HUMAN USE');

  by(rollout.command('begin').description('begin a rollout'))
    .argument('<plan>', 'waves, gates and windows, YAML or JSON')
    .requiredOption('--package <file>', 'a firmware manifest that vendor and hospital signed')
    .option('--back-out-to <file>', 'one of what is offered if it is backed out')
    .action(async (path: string, options: BeginOptions) => {
      const plan = readRolloutPlan(path);
      const packages = { update: options.package, previous: options.backOutTo };
      const progress = await beginRollout(options.dir, plan, packages, options.as);
      await print(options.json === true ? `${JSON.stringify(progress, null, 2)}\n` : rolloutText(progress));
    });

  withDir(rollout.command('status').description('how far rollouts are'))
    .argument('[id]', 'one of them')
    .option('--json', 'print one JSON document')
    .action(async (id: string | undefined, { dir, json }: DirOption & { readonly json?: boolean }) => {
      const status = await rolloutStatus(dir);
      const rollouts = status.rollouts.filter((one) => id === undefined || one.id === id);
      if (id !== undefined && rollouts.length === 0) {
        const ids = status.rollouts.map((one) => one.id).join(', ') || 'none';
        throw new PumprangeError('PR_ROLLOUT_INVALID', `there is no rollout ${id}; there is: ${ids}`);
      }
      await print(
        json === true ? `${JSON.stringify({ ...status, rollouts }, null, 2)}\n` : rolloutsText(rollouts),
      );
    });

  for (const [order, description] of ORDERS) {
    by(rollout.command(order).description(description))
      .argument('<id>', 'the rollout')
      .action(async (id: string, { dir, as, json }: ByOption) => {
        const progress = await orderRollout(dir, id, order, as);
        await print(json === true ? `${JSON.stringify(progress, null, 2)}\n` : rolloutText(progress));
      });
  }
}

function by(command: Command): Command {
  return withDir(command)
    .option('--as <person>', 'the biomedical engineer who orders it', 'biomed-01')
    .option('--json', 'print one JSON document');
}
