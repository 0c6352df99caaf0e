import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { type Identity, PumprangeError } from '../../protocol/index.ts';
import {
  type Credential,
  checkExport,
  DEFECT_NAMES,
  DEFECTS,
  type DefectName,
  exportCredential,
  type KeyAlgorithm,
  type Pki,
} from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import {
  type DirOption,
  type HolderOptions,
  holderOf,
  type KeyOption,
  openOrMake,
  withDir,
  withHolder,
  withKey,
} from './pki-folder.ts';

interface IssueOptions extends DirOption, HolderOptions, KeyOption {
  readonly out: string;
  readonly rsa?: boolean;
  readonly birth?: boolean;
  readonly defect?: DefectName;
  readonly overwrite?: boolean;
}

export function addPkiIssue(pki: Command): void {
  const issue = pki.command('issue').description('issue a certificate; writes cert.pem, key.pem and ca.pem');
  withKey(withHolder(withDir(issue)), 'of the holder')
    .requiredOption('--out <dir>', 'folder for the three files')
    .option('--rsa', 'the same as --key rsa2048')
    .option('--birth', 'a birth certificate, from the manufacturer of the pumps')
    .addOption(new Option('--defect <name>', 'one that is bad on purpose').choices(DEFECT_NAMES))
    .option('--overwrite', 'replace files that are there')
    .addHelpText('after', defectsHelp())
    .action(async (options: IssueOptions) => {
      const identity = holderOf(options);
      const overwrite = { overwrite: options.overwrite === true };
      refuseContradictions(options);
      // Before it is issued: nobody should have to revoke a certificate that nobody has.
      checkExport(options.out, overwrite);
      const authority = openOrMake(options.dir);
      const credential = make(authority, identity, options);
      try {
        exportCredential(credential, options.out, overwrite);
      } catch (error) {
        withdraw(authority, credential);
        throw error;
      }
      const until = new Date(credential.notAfterMs).toISOString().slice(0, 10);
      const bad = options.defect === undefined ? '' : `, which ${DEFECTS[options.defect].title}`;
      await print(
        `issued ${identity.kind} ${identity.id}${bad}, until ${until}: ${join(options.out, 'cert.pem')}, key.pem, ca.pem\n`,
      );
    });
}

function refuseContradictions({ defect, birth, rsa, key }: IssueOptions): void {
  const refuse = (detail: string): PumprangeError => new PumprangeError('PR_USAGE', detail);
  if (defect !== undefined && birth === true) throw refuse('--defect and --birth exclude each other');
  if (defect !== undefined && (rsa === true || key !== 'p256')) throw refuse('--defect makes its own key');
  if (rsa === true && key !== 'p256') throw refuse('--rsa is --key rsa2048; give one of them');
}

function make(authority: Pki, identity: Identity, { defect, birth, rsa, key }: IssueOptions): Credential {
  if (defect !== undefined) return authority.issueDefective(defect, identity);
  const keyAlgorithm: KeyAlgorithm = rsa === true ? 'rsa2048' : key;
  if (birth === true) return authority.manufacturer.issueBirth(identity, keyAlgorithm);
  return authority.issue({ identity, keyAlgorithm });
}

/** Its key is gone with this process. What the register does not have needs no revoking. */
function withdraw(authority: Pki, { serialNumber }: Credential): void {
  const noted = authority.list().find((one) => one.serialNumber === serialNumber);
  if (noted?.revoked === null) authority.revoke(serialNumber, 'cessationOfOperation');
}

function defectsHelp(): string {
  const width = Math.max(...DEFECT_NAMES.map(({ length }) => length));
  return `\nDefects, TEST ONLY; one that …\n${DEFECT_NAMES.map((name) => `  ${name.padEnd(width)}  ${DEFECTS[name].title}\n`).join('')}`;
}
