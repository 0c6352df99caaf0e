import type { Command } from 'commander';
import { LIBRARY_BANNER } from '../../protocol/drug-library/index.ts';
import { type LibraryCeiling, PumprangeError } from '../../protocol/index.ts';
import {
  approveDocument,
  beyondCeiling,
  CEILING_FORM,
  ceilingDocument,
  DOCUMENT_SIGNERS,
  documentSignerNamed,
  readCeiling,
  readLibrary,
  signedPath,
} from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { addDocumentRelease } from './document-release.ts';
import { wholeNumber } from './options.ts';
import { type DirOption, openOrMake, withDir } from './pki-folder.ts';

const DAY_MS = 24 * 3_600_000;

export function addLibraryCeiling(library: Command): void {
  const ceiling = library
    .command('ceiling')
    .description('the absolute limits that stand above every drug library of a care area');
  addCheck(ceiling);
  addApprove(ceiling);
  addDocumentRelease(ceiling, {
    form: CEILING_FORM,
    description: 'transfer a signed ceiling to the ward that runs: its pumps go by it at once',
    argument: 'a ceiling, JSON, with its signed form beside it',
    summary,
    pumps: 'pumps go by it from now on: what waits and is beyond it is dropped',
  });
}

function addCheck(ceiling: Command): void {
  ceiling
    .command('check')
    .description('read a ceiling, and say which limits of drug libraries go beyond it')
    .argument('<file>', 'a ceiling, JSON')
    .argument('[libraries...]', 'drug libraries, CSV or JSON')
    .action(async (path: string, files: readonly string[]) => {
      const document = ceilingDocument(readCeiling(path), Date.now() + DAY_MS);
      const looked = files.map((file) => ({
        file,
        beyond: beyondCeiling(readLibrary(file).library, document),
      }));
      const lines = looked.flatMap(({ file, beyond }) =>
        beyond.length === 0
          ? [`${file}: within the ceiling`]
          : beyond.map((reason) => `${file}: BEYOND: ${reason}`),
      );
      await print([LIBRARY_BANNER, summary(document), ...lines, ''].join('\n'));
      const refused = looked.filter(({ beyond }) => beyond.length > 0).map(({ file }) => file);
      if (refused.length > 0) throw new PumprangeError('PR_LIBRARY_BEYOND_CEILING', refused.join(', '));
    });
}

function addApprove(ceiling: Command): void {
  const approve = ceiling
    .command('approve')
    .description('sign a ceiling as a clinical engineer')
    .argument('<file>', 'a ceiling, JSON')
    .requiredOption('--as <person>', 'the clinical engineer, e.g. clinical-engineer-01');
  withDir(approve)
    .option('--valid-days <n>', 'how long pumps may still take it; 30 unless told', wholeNumber(1, 730))
    .action(
      async (path: string, options: DirOption & { readonly as: string; readonly validDays?: number }) => {
        const nowMs = Date.now();
        const pki = openOrMake(options.dir);
        const { document, approvers } = await approveDocument(CEILING_FORM, {
          path,
          approver: documentSignerNamed(options.as, DOCUMENT_SIGNERS['library-ceiling'].kinds, pki),
          notAfterMs: nowMs + (options.validDays ?? 30) * DAY_MS,
          judge: pki.judge({ revocation: true }),
          nowMs,
        });
        await print(
          `${LIBRARY_BANNER}\n${summary(document)}: DRAFT → APPROVED\n` +
            `  approved by ${approvers.join(', ')}, until ${document.notAfter}\n  ${signedPath(path)}\n`,
        );
      },
    );
}

function summary({ ceiling, ceilingVersion, careAreas, sequence, limits }: LibraryCeiling): string {
  const drugs = limits.length === 1 ? '1 drug' : `${limits.length} drugs`;
  return `${ceiling} ${ceilingVersion} for ${careAreas.join(', ')}, sequence ${sequence}, ${drugs}`;
}
