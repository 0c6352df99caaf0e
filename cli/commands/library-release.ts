import type { Command } from 'commander';
import { LIBRARY_BANNER } from '../../protocol/drug-library/index.ts';
import { urnOf } from '../../protocol/index.ts';
import { approvalPath, engineerNamed, readApproval, transferLibrary } from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { standing, summary } from './library-approve.ts';
import { type DirOption, openExisting, withDir } from './pki-folder.ts';

interface ReleaseOptions extends DirOption {
  readonly as: string;
  readonly manifest?: string;
}

export function addLibraryRelease(library: Command): void {
  const release = library
    .command('release')
    .description('transfer an approved drug library to the ward that runs: its pumps take it as pending')
    .argument('<file>', 'a drug library, JSON, with its approval beside it')
    .option('--as <person>', 'the biomedical engineer who transfers it', 'biomed-01');
  withDir(release)
    .option('--manifest <file>', 'where the approval lies; FILE.manifest.json unless told')
    .action(async (path: string, options: ReleaseOptions) => {
      const manifestPath = options.manifest ?? approvalPath(path);
      const pki = openExisting(options.dir);
      const by = engineerNamed(options.as, pki);
      const judge = pki.judge({ revocation: true });
      const approval = readApproval({ path, manifestPath, judge, nowMs: Date.now() });
      const { manifest, approvers, isApproved } = approval;
      // Whether that is enough the server decides; it is asked all the same.
      await transferLibrary(options.dir, approval, urnOf(by));
      await print(
        `${LIBRARY_BANNER}\n${summary(manifest)}: ${standing(approvers.length, isApproved)} → RELEASED, transferred by ${by.id}\n` +
          '  pumps take it as pending, and go by it from the next power-on with a new patient\n',
      );
    });
}
