import type { Command } from 'commander';
import { examineMachine } from '../../testbed/index.ts';
import { colors, print } from '../output/terminal.ts';

export function addDoctor(program: Command, done: (exitCode: number) => void): void {
  program
    .command('doctor')
    .description('what this machine has, and what it lacks')
    .option('--json', 'print one JSON array')
    .action(async (options: { readonly json?: boolean }) => {
      const findings = await examineMachine();
      if (options.json === true) await print(`${JSON.stringify(findings, null, 2)}\n`);
      else {
        for (const { what, present, needed, detail, wayOut } of findings) {
          const mark = present ? colors.green('✓') : needed ? colors.red('✗') : colors.yellow('–');
          await print(`${mark} ${what.padEnd(14)} ${detail}${present ? '' : `; ${wayOut}`}\n`);
        }
      }
      done(findings.some(({ present, needed }) => needed && !present) ? 3 : 0);
    });
}
