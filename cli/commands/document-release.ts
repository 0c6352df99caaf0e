import type { Command } from 'commander';
import { LIBRARY_BANNER } from '../../protocol/drug-library/index.ts';
import { urnOf } from '../../protocol/index.ts';
import {
  type DocumentForm,
  engineerNamed,
  readSigned,
  type SignedDocument,
  transferDocument,
} from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { type DirOption, openExisting, withDir } from './pki-folder.ts';

/** The command `release` of a document that people signed: a biomedical engineer transfers it to the ward that runs. */
export function addDocumentRelease<D extends SignedDocument>(
  parent: Command,
  words: {
    readonly form: DocumentForm<D>;
    readonly description: string;
    readonly argument: string;
    readonly summary: (document: D) => string;
    /** What pumps do with it. */
    readonly pumps: string;
  },
): void {
  const release = parent
    .command('release')
    .description(words.description)
    .argument('<file>', words.argument)
    .option('--as <person>', 'the biomedical engineer who transfers it', 'biomed-01');
  withDir(release).action(async (path: string, options: DirOption & { readonly as: string }) => {
    const pki = openExisting(options.dir);
    const by = engineerNamed(options.as, pki);
    const judge = pki.judge({ revocation: true });
    const { document } = readSigned(words.form, { path, judge, nowMs: Date.now() });
    await transferDocument(options.dir, document, urnOf(by));
    await print(
      `${LIBRARY_BANNER}\n${words.summary(document)}: RELEASED, transferred by ${by.id}\n  ${words.pumps}\n`,
    );
  });
}
