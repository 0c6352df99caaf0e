import { type Command, Option } from 'commander';
import { ISSUING_ROLES, type IssuingRole } from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { type DirOption, type KeyOption, openExisting, withDir, withKey } from './pki-folder.ts';

export function addPkiRollover(pki: Command): void {
  const rollover = pki
    .command('rollover')
    .description('make the next issuing authority; the one before stays trusted until it is retired');
  withKey(withDir(rollover), 'of the authority')
    .addOption(new Option('--authority <role>', 'which').choices(ISSUING_ROLES).default('devices'))
    .action(async ({ dir, authority, key }: DirOption & KeyOption & { readonly authority: IssuingRole }) => {
      const { id } = openExisting(dir).rollOver(authority, key);
      await print(`${id} issues from now on; what was issued before stays good\n`);
    });

  withDir(pki.command('retire').description('drop an authority that a rollover has replaced'))
    .argument('<authority>', 'as `pki list` names the issuer, e.g. devices')
    .option('--force', 'also where some have no newer certificate: they are locked out')
    .action(async (authority: string, { dir, force }: DirOption & { readonly force?: boolean }) => {
      const revoked = openExisting(dir).retire(authority, { force: force === true });
      await print(
        `${authority} is retired, and ${revoked.length} of its certificates with it; a ward that runs takes it up within seconds\n`,
      );
    });
}
