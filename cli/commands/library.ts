import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { Command } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import {
  checkReport,
  compareLibraries,
  diffReport,
  examineLibraryFiles,
  readLibrary,
  writeCsv,
  writeFileWhole,
} from '../../testbed/index.ts';
import { checkText, diffText } from '../output/library-text.ts';
import { print } from '../output/terminal.ts';
import { addLibraryAdoption } from './library-adoption.ts';
import { addLibraryApprove } from './library-approve.ts';
import { addLibraryCeiling } from './library-ceiling.ts';
import { addLibraryRelease } from './library-release.ts';

interface Json {
  readonly json?: boolean;
}

export function addLibrary(program: Command): void {
  const library = program.command('library').description('drug libraries. TRAINING, NOT FOR HUMAN USE');
  addCheck(library);
  addDiff(library);
  addConvert(library);
}

function addCheck(library: Command): void {
  library
    .command('check')
    .description(
      'find everything that is wrong or doubtful in drug libraries, each by itself and between them',
    )
    .argument('<files...>', 'drug libraries, CSV or JSON')
    .option('--json', 'print one JSON document')
    .action(async (files: readonly string[], { json }: Json) => {
      const report = checkReport(examineLibraryFiles(files));
      await print(json === true ? `${JSON.stringify(report, null, 2)}\n` : checkText(report));
      if (report.errors > 0) {
        const refused = report.files.filter(({ library }) => library === null).map(({ file }) => file);
        const count = `${report.errors} error${report.errors === 1 ? '' : 's'}`;
        throw new PumprangeError('PR_LIBRARY_INVALID', `${count} in ${refused.join(', ')}`);
      }
    });
  addLibraryApprove(library);
  addLibraryRelease(library);
  addLibraryAdoption(library);
  addLibraryCeiling(library);
}

function addDiff(library: Command): void {
  library
    .command('diff')
    .description('say in plain words what changed from one drug library to another, and what was loosened')
    .argument('<before>', 'a drug library, CSV or JSON')
    .argument('<after>', 'the later one')
    .option('--json', 'print one JSON document')
    .option('--fail-on-loosened', 'exit 1 where a limit is looser, or cannot be compared')
    .action(
      async (
        before: string,
        after: string,
        { json, failOnLoosened }: Json & { readonly failOnLoosened?: boolean },
      ) => {
        const [left, right] = [before, after].map((file) => ({
          file,
          library: readLibrary(file).library,
        }));
        if (left === undefined || right === undefined) throw new Error('two files were named');
        const report = diffReport(left, right, compareLibraries(left.library, right.library));
        await print(json === true ? `${JSON.stringify(report, null, 2)}\n` : diffText(report));
        const { loosened, unclear } = report;
        if (failOnLoosened === true && loosened + unclear > 0) {
          throw new PumprangeError('PR_LIBRARY_LOOSENED', `${loosened} loosened, ${unclear} unclear`);
        }
      },
    );
}

function addConvert(library: Command): void {
  library
    .command('convert')
    .description('write a drug library as CSV for a spreadsheet, or as JSON')
    .argument('<file>', 'a drug library, CSV or JSON')
    .requiredOption('--out <file>', 'where to; its name ends in .csv or .json')
    .option('--overwrite', 'replace a file that is there with other content')
    .action(
      async (file: string, { out, overwrite }: { readonly out: string; readonly overwrite?: boolean }) => {
        const { library: read } = readLibrary(file);
        const text = contentFor(out, read);
        if (overwrite !== true && existsSync(out) && readFileSync(out, 'utf8') !== text) {
          throw new PumprangeError('PR_FILE_EXISTS', `${out} holds something else`);
        }
        writeFileWhole(out, text);
        await print(
          `TRAINING, NOT FOR HUMAN USE\nwrote ${out}: ${read.id} ${read.version}, ${read.entries.length} drugs\n`,
        );
      },
    );
}

function contentFor(out: string, library: Parameters<typeof writeCsv>[0]): string {
  switch (extname(out).toLowerCase()) {
    case '.csv':
      return writeCsv(library);
    case '.json':
      return `${JSON.stringify(library, null, 2)}\n`;
    default:
      throw new PumprangeError('PR_USAGE', `${out}: the name has to end in .csv or .json`);
  }
}
