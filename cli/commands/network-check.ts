import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { checkJunit, checkNetwork, checkPage, SHIPPED_ZONES, writeFileWhole } from '../../testbed/index.ts';
import { checkText } from '../output/check-text.ts';
import { progressLine } from '../output/progress.ts';
import { colors, print } from '../output/terminal.ts';
import { addNetworkOptions, ownProgram, removeEphemeralLabs } from './lab-options.ts';
import { wholeNumber } from './options.ts';

interface CheckOptions {
  readonly ruleset?: string;
  readonly interface: Readonly<Record<string, string>>;
  readonly json?: string;
  readonly junit?: string;
  readonly html?: string;
  readonly name?: string;
  readonly dir?: string;
  readonly pumps: number;
  readonly posture: string;
  readonly ipv4Only?: true;
}

export function addNetworkCheck(network: Command, done: (exitCode: number) => void): void {
  addNetworkOptions(network.command('check'))
    .description(
      'who reaches what: probes everything from everywhere in a lab, beside what the plan has; needs root',
    )
    .argument(
      '[zones]',
      `${SHIPPED_ZONES.join(', ')}, or a file; of a lab that is up, its own`,
      SHIPPED_ZONES[0],
    )
    .option('--json <file>', 'write the table as JSON')
    .option('--junit <file>', 'write it as JUnit XML')
    .option('--html <file>', 'write it as a page')
    .option('--name <n>', 'of a lab that is up, or to be; without it, one of its own that is gone afterwards')
    .addOption(new Option('--dir <d>', 'folder of the floor, of a lab that is up and was given one'))
    .option('--pumps <n>', 'how many pumps', wholeNumber(1, 200), 3)
    .action(async (zones: string, options: CheckOptions) => {
      const { ruleset, json, junit, html, name, dir, pumps, posture } = options;
      removeEphemeralLabs();
      const progress = progressLine(false, 'probes');
      const table = await checkNetwork({
        ...{
          zones,
          pumps,
          posture,
          name,
          interfaces: options.interface,
          ipv4Only: options.ipv4Only === true,
        },
        ...{ ruleset: ruleset && resolve(ruleset), dir: dir && resolve(dir) },
        ...{ program: ownProgram(), progress: progress.tell },
      }).finally(progress.done);
      if (json !== undefined) writeFileWhole(json, `${JSON.stringify(table)}\n`);
      if (junit !== undefined) writeFileWhole(junit, checkJunit(table));
      if (html !== undefined) writeFileWhole(html, checkPage(table));
      await print(`${checkText(table, colors)}\n`);
      done(table.mismatches === 0 ? 0 : 1);
    });
}
