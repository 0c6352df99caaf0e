import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { PumprangeError } from '../../protocol/index.ts';
import { type Inspection, inspect } from '../../testbed/index.ts';
import { inspectionText } from '../output/inspection-text.ts';
import { print } from '../output/terminal.ts';
import { type DirOption, openExisting, withDir } from './pki-folder.ts';

export function addPkiInspect(pki: Command): void {
  const command = pki
    .command('inspect')
    .description('explain a certificate or a chain, a request or a revocation list, whoever made it')
    .argument('<file>', 'PEM or DER; - for standard input');
  withDir(command)
    .option('--json', 'print one JSON document')
    .action(async (file: string, { dir, json }: DirOption & { readonly json?: boolean }) => {
      const inspection = inspectIn(dir, readFileSync(file === '-' ? 0 : file));
      await print(json === true ? `${JSON.stringify(inspection, null, 2)}\n` : inspectionText(inspection));
    });
}

/** Without a PKI it is explained all the same; only nobody judges it. */
function inspectIn(dir: string, bytes: Buffer): Inspection {
  try {
    return openExisting(dir).inspect(bytes);
  } catch (error) {
    if (!(error instanceof PumprangeError) || error.code !== 'PR_PKI_MISSING') throw error;
    return inspect(bytes, [], Date.now());
  }
}
