import type { Command } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import { libraryAdoption, writeFileWhole } from '../../testbed/index.ts';
import { adoptionCsv, adoptionText } from '../output/adoption-text.ts';
import { print } from '../output/terminal.ts';
import { type DirOption, withDir } from './pki-folder.ts';

interface AdoptionOptions extends DirOption {
  readonly json?: boolean;
  readonly csv?: string;
}

export function addLibraryAdoption(library: Command): void {
  const adoption = library
    .command('adoption')
    .description('which pump has which drug library, since when, and which are behind');
  withDir(adoption)
    .option('--json', 'print one JSON document, and nothing else')
    .option('--csv <file>', 'write a CSV file; - prints it')
    .action(async ({ dir, json, csv }: AdoptionOptions) => {
      if (json === true && csv !== undefined) {
        throw new PumprangeError('PR_USAGE', '--json and --csv exclude each other');
      }
      const report = await libraryAdoption(dir);
      if (json === true) return print(`${JSON.stringify(report, null, 2)}\n`);
      if (csv === '-') return print(adoptionCsv(report));
      if (csv !== undefined) {
        writeFileWhole(csv, adoptionCsv(report));
        return print(`${report.banner}\n${report.pumps.length} pumps: ${csv}\n`);
      }
      await print(adoptionText(report));
    });
}
