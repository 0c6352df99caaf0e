import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import { checkEvidence, DEFAULT_DIR } from '../../testbed/index.ts';
import { colors, print } from '../output/terminal.ts';

export function addEvidence(program: Command, done: (exitCode: number) => void): void {
  program
    .command('evidence')
    .description('the hash-chained log of everything that was seen')
    .command('verify')
    .description('find out whether a log was changed, cut or written anew')
    .argument('<files...>', 'evidence logs, JSON lines; each node of a broker writes one')
    .option('--checkpoints <file>', 'checkpoints that were kept elsewhere')
    .option('--key <file>', 'public key (PEM) of whoever signed them; absent: that of the ward')
    .option('--dir <d>', 'folder of the ward that signed them', DEFAULT_DIR)
    .action(async (files: readonly string[], options: VerifyOptions) => {
      if (options.checkpoints !== undefined && files.length > 1) {
        throw new PumprangeError('PR_USAGE', '--checkpoints vouches for one log: name one');
      }
      let isWhole = true;
      for (const file of files) {
        if (!(await verifyLog(file, files.length > 1 ? `${file}: ` : '', options))) isWhole = false;
      }
      done(isWhole ? 0 : 1);
    });
}

interface VerifyOptions {
  readonly checkpoints?: string;
  readonly key?: string;
  readonly dir: string;
}

/** Prints what is wrong with a log; whether nothing is. */
async function verifyLog(file: string, prefix: string, options: VerifyOptions): Promise<boolean> {
  const { faults, lines, vouchedToN } = checkEvidence({
    lines: readFileSync(file, 'utf8'),
    checkpoints: options.checkpoints === undefined ? '' : readFileSync(options.checkpoints, 'utf8'),
    dir: options.dir,
    publicKey: options.key === undefined ? undefined : readFileSync(options.key, 'utf8'),
  });
  for (const { fault, ...where } of faults) {
    const places = Object.entries(where).map(([name, value]) => `${name} ${value}`);
    await print(`${prefix}${colors.red(fault)} ${places.join(', ')}\n`);
  }
  await print(
    faults.length === 0
      ? `${prefix}whole: ${lines} lines, of which checkpoints vouch for those up to ${vouchedToN}\n`
      : `${prefix}${faults.length} faults in ${lines} lines\n`,
  );
  return faults.length === 0;
}
