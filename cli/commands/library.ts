import type { Command } from 'commander';
import { checkLibrary } from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { addLibraryAdoption } from './library-adoption.ts';
import { addLibraryApprove } from './library-approve.ts';
import { addLibraryRelease } from './library-release.ts';

export function addLibrary(program: Command): void {
  const library = program.command('library').description('drug libraries. TRAINING, NOT FOR HUMAN USE');
  library
    .command('check')
    .description('find out whether a drug library follows its schema')
    .argument('<file>', 'a drug library, JSON')
    .action(async (file: string) => {
      const { id, version, careArea, entries } = checkLibrary(file);
      await print(`${id} ${version} for ${careArea}: ${entries.length} drugs, all within the schema\n`);
    });
  addLibraryApprove(library);
  addLibraryRelease(library);
  addLibraryAdoption(library);
}
