import { join } from 'node:path';
import type { Command } from 'commander';
import { HeapClock } from '../../clock/index.ts';
import { isId, isKind, KINDS, type Kind, PumprangeError } from '../../protocol/index.ts';
import { DEFAULT_DIR, exportCredential, openPki, type Pki, writeFileWhole } from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';

interface DirOption {
  readonly dir: string;
}

export function addPki(program: Command): void {
  const pki = program.command('pki').description('the local certificate authority. TEST ONLY');

  withDir(pki.command('init').description('make the PKI if there is none')).action(
    async ({ dir }: DirOption) => {
      const { created } = open(dir);
      await print(
        created ? `a new PKI is in ${join(dir, 'pki')}\n` : `there is a PKI in ${join(dir, 'pki')} already\n`,
      );
    },
  );

  withDir(pki.command('issue').description('issue a certificate; writes cert.pem, key.pem and ca.pem'))
    .requiredOption('--kind <kind>', KINDS.join(' | '))
    .requiredOption('--id <id>', 'name of the machine or person, e.g. observer-01')
    .requiredOption('--out <dir>', 'folder for the three files')
    .option('--rsa', 'an RSA-2048 key instead of P-256')
    .option('--overwrite', 'replace files that are there')
    .action(
      async (
        options: DirOption & {
          readonly kind: string;
          readonly id: string;
          readonly out: string;
          readonly rsa?: boolean;
          readonly overwrite?: boolean;
        },
      ) => {
        const identity = { kind: kindOf(options.kind), id: idOf(options.id) };
        const credential = open(options.dir).issue({
          identity,
          keyAlgorithm: options.rsa === true ? 'rsa2048' : 'p256',
        });
        exportCredential(credential, options.out, { overwrite: options.overwrite === true });
        const until = new Date(credential.notAfterMs).toISOString().slice(0, 10);
        await print(
          `issued ${identity.kind} ${identity.id}, good until ${until}: ${join(options.out, 'cert.pem')}, key.pem, ca.pem\n`,
        );
      },
    );

  withDir(pki.command('list').description('what was issued'))
    .option('--json', 'print one JSON array')
    .action(async ({ dir, json }: DirOption & { readonly json?: boolean }) => {
      const issued = open(dir).list();
      if (json === true) return print(`${JSON.stringify(issued, null, 2)}\n`);
      await print(
        issued
          .map(
            ({ serialNumber, identity, notAfterMs, revoked }) =>
              `${serialNumber}  ${`${identity.kind}:${identity.id}`.padEnd(24)} until ${new Date(notAfterMs).toISOString().slice(0, 10)}${revoked === null ? '' : `  revoked: ${revoked.reason}`}\n`,
          )
          .join(''),
      );
    });

  withDir(pki.command('revoke').description('revoke all certificates of an identity'))
    .requiredOption('--kind <kind>', KINDS.join(' | '))
    .requiredOption('--id <id>', 'name of the machine or person')
    .action(async (options: DirOption & { readonly kind: string; readonly id: string }) => {
      const revoked = open(options.dir).revoke(
        { kind: kindOf(options.kind), id: idOf(options.id) },
        'keyCompromise',
      );
      await print(`revoked ${revoked.length}; a ward that runs takes it up within seconds\n`);
    });

  withDir(pki.command('crl').description('write the current revocation lists'))
    .requiredOption('--out <file>', 'file for all of them, in PEM')
    .action(async ({ dir, out }: DirOption & { readonly out: string }) => {
      const crls = open(dir).crls();
      writeFileWhole(out, crls.map(({ pem }) => pem).join(''));
      await print(`${crls.length} revocation lists are in ${out}\n`);
    });
}

function withDir(command: Command): Command {
  return command.option('--dir <d>', 'folder of the ward', DEFAULT_DIR);
}

function open(dir: string): Pki {
  return openPki({ dir: join(dir, 'pki'), clock: new HeapClock(Date.now()) });
}

function kindOf(text: string): Kind {
  if (isKind(text)) return text;
  throw new PumprangeError(
    'PR_PKI_NAME',
    `there is no kind ${JSON.stringify(text)}; there are ${KINDS.join(', ')}`,
  );
}

function idOf(text: string): string {
  if (isId(text)) return text;
  throw new PumprangeError('PR_PKI_NAME', `${JSON.stringify(text)} cannot be an id`);
}
