import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { checkEvidence, DEFAULT_DIR } from '../../testbed/index.ts';
import { colors, print } from '../output/terminal.ts';

export function addEvidence(program: Command, done: (exitCode: number) => void): void {
  program
    .command('evidence')
    .description('the hash-chained log of everything that was seen')
    .command('verify')
    .description('find out whether a log was changed, cut or written anew')
    .argument('<file>', 'an evidence log, JSON lines')
    .option('--checkpoints <file>', 'checkpoints that were kept elsewhere')
    .option('--dir <d>', 'folder of the ward that signed them', DEFAULT_DIR)
    .action(async (file: string, options: { readonly checkpoints?: string; readonly dir: string }) => {
      const { faults, lines, vouchedToN } = checkEvidence({
        lines: readFileSync(file, 'utf8'),
        checkpoints: options.checkpoints === undefined ? '' : readFileSync(options.checkpoints, 'utf8'),
        dir: options.dir,
      });
      for (const { fault, ...where } of faults) {
        const places = Object.entries(where).map(([name, value]) => `${name} ${value}`);
        await print(`${colors.red(fault)} ${places.join(', ')}\n`);
      }
      await print(
        faults.length === 0
          ? `whole: ${lines} lines, of which checkpoints vouch for those up to ${vouchedToN}\n`
          : `${faults.length} faults in ${lines} lines\n`,
      );
      done(faults.length === 0 ? 0 : 1);
    });
}
