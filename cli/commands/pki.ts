import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { REVOCATION_REASONS, type RevocationReason, writeFileWhole } from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import { addPkiExport } from './pki-export.ts';
import {
  type DirOption,
  type HolderOptions,
  holderOf,
  type KeyOption,
  openExisting,
  openOrMake,
  withDir,
  withHolder,
  withKey,
} from './pki-folder.ts';
import { addPkiInspect } from './pki-inspect.ts';
import { addPkiIssue } from './pki-issue.ts';
import { addPkiMigrate } from './pki-migrate.ts';
import { addPkiRollover } from './pki-rollover.ts';

export function addPki(program: Command): void {
  const pki = program.command('pki').description('the local certificate authority. TEST ONLY');

  withKey(
    withDir(pki.command('init').description('make the PKI if there is none')),
    'of the authorities',
  ).action(async ({ dir, key }: DirOption & KeyOption) => {
    const { created } = openOrMake(dir, key);
    await print(
      created ? `a new PKI is in ${join(dir, 'pki')}\n` : `there is a PKI in ${join(dir, 'pki')} already\n`,
    );
  });

  addPkiIssue(pki);
  addPkiExport(pki);

  withDir(pki.command('list').description('what was issued'))
    .option('--json', 'print one JSON array')
    .action(async ({ dir, json }: DirOption & { readonly json?: boolean }) => {
      const issued = openExisting(dir).list();
      if (json === true) return print(`${JSON.stringify(issued, null, 2)}\n`);
      await print(
        issued
          .map(
            ({ serialNumber, identity, issuer, notAfterMs, revoked, defect }) =>
              `${serialNumber}  ${`${identity.kind}:${identity.id}`.padEnd(24)} until ${new Date(notAfterMs).toISOString().slice(0, 10)}  by ${issuer}${defect === undefined ? '' : `  bad on purpose: ${defect}`}${revoked === null ? '' : `  revoked: ${revoked.reason}`}\n`,
          )
          .join(''),
      );
    });

  withHolder(withDir(pki.command('revoke').description('revoke all certificates of an identity')))
    .addOption(
      new Option('--reason <code>', 'why [RFC 5280 §5.3.1]')
        .choices(Object.keys(REVOCATION_REASONS))
        .default('keyCompromise'),
    )
    .action(async (options: DirOption & HolderOptions & { readonly reason: RevocationReason }) => {
      const authority = openExisting(options.dir);
      const holder = holderOf(options);
      const revoked = authority.revoke(holder, options.reason);
      const barred = authority.isBarred(holder) ? ', and barred from enrolling' : '';
      await print(`revoked ${revoked.length}${barred}; a ward that runs takes it up within seconds\n`);
    });

  withDir(pki.command('crl').description('write the current revocation lists'))
    .requiredOption('--out <file>', 'file for all of them, in PEM')
    .action(async ({ dir, out }: DirOption & { readonly out: string }) => {
      const crls = openExisting(dir).crls();
      writeFileWhole(out, crls.map(({ pem }) => pem).join(''));
      await print(`${crls.length} revocation lists are in ${out}\n`);
    });

  addPkiInspect(pki);
  addPkiRollover(pki);
  addPkiMigrate(pki);
}
