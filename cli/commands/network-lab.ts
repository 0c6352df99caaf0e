import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import {
  bringUpLab,
  DEFAULT_LAB,
  healLab,
  type Impairment,
  impairLab,
  impairmentText,
  keepLab,
  type LabReport,
  labReport,
  SHIPPED_ZONES,
  takeDownLab,
  takeDownLeftOvers,
} from '../../testbed/index.ts';
import { labText } from '../output/lab-text.ts';
import { print } from '../output/terminal.ts';
import { addNetworkOptions, ownProgram } from './lab-options.ts';
import { durationMs, wholeNumber } from './options.ts';

interface NameOption {
  readonly name: string;
}

interface UpOptions extends NameOption {
  readonly ruleset?: string;
  readonly interface: Readonly<Record<string, string>>;
  readonly pumps: number;
  readonly posture: string;
  readonly ipv4Only?: true;
  readonly floor: boolean;
  readonly dir?: string;
  readonly json?: true;
}

export function addNetworkLab(network: Command): void {
  const lab = network
    .command('lab')
    .description('the zones as network namespaces of this machine, with a router between them; needs root');

  addNetworkOptions(named(lab.command('up')))
    .description('bring it up, with the floor in it; it stays until it is taken down')
    .argument('[zones]', `${SHIPPED_ZONES.join(', ')}, or a file`, SHIPPED_ZONES[0])
    .option('--pumps <n>', 'how many pumps', wholeNumber(1, 200), 6)
    .option('--no-floor', 'bare zones: nothing runs in them')
    .option('--dir <d>', 'folder of the floor, which stays; without it, one that goes with the lab')
    .option('--json', 'print one JSON document')
    .action(async (zones: string, options: UpOptions) => {
      const { name, ruleset, pumps, posture, floor, dir, json } = options;
      const report = await bringUpLab(
        {
          ...{ zones, name, pumps, posture, floor, ipv4Only: options.ipv4Only === true },
          interfaces: options.interface,
          ...(ruleset !== undefined && { ruleset: resolve(ruleset) }),
          ...(dir !== undefined && { dir: resolve(dir) }),
        },
        ownProgram(),
      );
      await show(report, json);
    });

  named(lab.command('down').description('take it down, also after its process was killed'))
    .addOption(
      new Option('--all', 'remove what is left of every lab whose process was killed').conflicts('name'),
    )
    .action(async ({ name, all }: NameOption & { readonly all?: true }) => {
      if (all !== true) return print(DOWN[await takeDownLab(name)](name));
      const removed = takeDownLeftOvers();
      await print(removed.map(DOWN['left-over']).join('') || 'nothing of any lab was left over\n');
    });

  named(lab.command('status').description('what stands where, what runs, and what has passed the router'))
    .option('--json', 'print one JSON document')
    .action(async ({ name, json }: NameOption & { readonly json?: true }) =>
      show(await labReport(name), json),
    );

  named(lab.command('impair').description('make the network worse between a zone and another, or all others'))
    .argument('<zone>', 'a zone of the lab')
    .argument('[other]', 'another; without it, every other')
    .option('--partition', 'nothing passes')
    .option('--loss <percent>', 'so many per cent of the packets are lost')
    .option('--delay <t>', 'what the zone sends leaves it later, e.g. 50ms', durationMs)
    .action(async (zone: string, other: string | undefined, options: ImpairOptions) => {
      const impairment = impairmentFrom(zone, other, options);
      await impairLab(options.name, impairment);
      await print(`${impairmentText(impairment)}\n`);
    });

  named(lab.command('heal').description('take every impairment away')).action(
    async ({ name }: NameOption) => {
      await healLab(name);
      await print(`nothing is wrong with the network of lab "${name}" any more\n`);
    },
  );

  lab.command('keep', { hidden: true }).action(() => keepLab(ownProgram()));
}

interface ImpairOptions extends NameOption {
  readonly partition?: true;
  readonly loss?: string;
  readonly delay?: number;
}

const DOWN = {
  lab: (name: string) => `lab "${name}" is down\n`,
  'left-over': (name: string) => `what was left of lab "${name}" is gone\n`,
  nothing: (name: string) => `no lab "${name}" was up\n`,
} as const;

function named(command: Command): Command {
  return command.option('--name <n>', 'which of several labs', DEFAULT_LAB);
}

/** @throws PumprangeError `PR_USAGE` unless one thing is asked for */
function impairmentFrom(
  zone: string,
  other: string | undefined,
  { partition, loss, delay }: ImpairOptions,
): Impairment {
  const asked = [partition, loss, delay].filter((one) => one !== undefined);
  if (asked.length !== 1) {
    throw new PumprangeError('PR_USAGE', 'say one of --partition, --loss and --delay');
  }
  const between = { zone, ...(other !== undefined && { other }) };
  if (loss !== undefined) return { kind: 'loss', ...between, percent: Number(loss) };
  if (delay === undefined) return { kind: 'partition', ...between };
  if (other !== undefined) {
    throw new PumprangeError('PR_USAGE', 'a delay is of one zone, whoever it sends to');
  }
  return { kind: 'delay', zone, ms: delay };
}

async function show(report: LabReport, json: true | undefined): Promise<void> {
  await print(json === true ? `${JSON.stringify(report, null, 2)}\n` : labText(report));
}
