import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import { exportCredential, exportPkcs12 } from '../../testbed/index.ts';
import { print } from '../output/terminal.ts';
import {
  type DirOption,
  type HolderOptions,
  holderOf,
  openExisting,
  withDir,
  withHolder,
} from './pki-folder.ts';

interface ExportOptions extends DirOption, HolderOptions {
  readonly pkcs12?: string;
  readonly out?: string;
  readonly passwordFile?: string;
  readonly overwrite?: boolean;
}

export function addPkiExport(pki: Command): void {
  const command = pki.command('export').description('write the credential that the ward keeps for a holder');
  withHolder(withDir(command))
    .option('--pkcs12 <file>', 'one file for browsers and desktop clients')
    .option('--password-file <file>', 'its password, the first line; absent: one is made and printed')
    .option('--out <dir>', 'cert.pem, key.pem and ca.pem instead')
    .option('--overwrite', 'replace what is there')
    .action(async (options: ExportOptions) => {
      const { pkcs12, out, passwordFile } = options;
      const overwrite = { overwrite: options.overwrite === true };
      if ((pkcs12 === undefined) === (out === undefined)) {
        throw new PumprangeError('PR_USAGE', 'give either --pkcs12 FILE or --out DIR');
      }
      if (pkcs12 === undefined && passwordFile !== undefined) {
        throw new PumprangeError('PR_USAGE', '--password-file goes with --pkcs12');
      }
      const identity = holderOf(options);
      const given = passwordFile === undefined ? undefined : passwordIn(passwordFile);
      const credential = openExisting(options.dir).credentialFor(identity);
      if (out !== undefined) {
        exportCredential(credential, out, overwrite);
        return print(`${identity.kind} ${identity.id}: ${join(out, 'cert.pem')}, key.pem, ca.pem\n`);
      }
      if (pkcs12 === undefined) return;
      // 144 bits, in letters that every client takes.
      const password = given ?? randomBytes(18).toString('base64url');
      exportPkcs12(credential, pkcs12, password, overwrite);
      await print(
        given === undefined
          ? `${identity.kind} ${identity.id}: ${pkcs12}\npassword, shown this once: ${password}\n`
          : `${identity.kind} ${identity.id}: ${pkcs12}, with the password in ${passwordFile}\n`,
      );
    });
}

function passwordIn(path: string): string {
  const [line = ''] = readFileSync(path, 'utf8').split(/\r?\n/, 1);
  if (line === '') throw new PumprangeError('PR_USAGE', `the first line of ${path} is empty`);
  return line;
}
