import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { HeapClock } from '../../../clock/index.ts';
import { openPki } from '../../../pki/index.ts';
import { START_MS } from '../workbench.ts';

/** One line for each PKI that the child has worked on, and after each step. Written at once, so that a kill loses none. */
export type Line =
  | { readonly step: 'opened'; readonly dir: string; readonly rootPem: string; readonly created: boolean }
  | { readonly step: 'issued' | 'revoked'; readonly dir: string; readonly serialNumber: string }
  | { readonly step: 'crls'; readonly dir: string; readonly numbers: readonly number[] };

const [parent = '', count = '0'] = process.argv.slice(2);
const say = (line: Line): void => {
  writeSync(1, `${JSON.stringify(line)}\n`);
};
for (let index = 0; index < Number(count); index += 1) {
  const dir = join(parent, `pki-${index}`);
  const pki = openPki({ dir, clock: new HeapClock(START_MS) });
  say({ step: 'opened', dir, rootPem: pki.rootPem, created: pki.created });
  for (const id of ['LVP-0001', 'LVP-0002']) {
    const { serialNumber } = pki.issue({ identity: { kind: 'pump', id } });
    say({ step: 'issued', dir, serialNumber });
    pki.credentialFor({ kind: 'pump', id });
    pki.revoke(serialNumber, 'superseded');
    say({ step: 'revoked', dir, serialNumber });
    say({ step: 'crls', dir, numbers: pki.crls().map(({ number }) => number) });
  }
}
