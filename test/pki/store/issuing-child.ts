import { writeSync } from 'node:fs';
import { HeapClock } from '../../../clock/index.ts';
import { openPki } from '../../../pki/index.ts';
import { START_MS } from '../workbench.ts';

/** What is done, said at once after it is: a kill loses none. */
export interface Done {
  readonly issued?: string;
  readonly revoked?: string;
  readonly crlNumbers?: readonly number[];
}

/** Works on one folder for ever: issues, keeps, revokes, hands out lists. Its parent kills it. */
const [dir = '', name = '', steps = '1000000'] = process.argv.slice(2);
const pki = openPki({ dir, clock: new HeapClock(START_MS) });
const say = (done: Done): void => {
  writeSync(1, `${JSON.stringify(done)}\n`);
};
for (let index = 0; index < Number(steps); index += 1) {
  const { serialNumber } = pki.issue({ identity: { kind: 'pump', id: `${name}-${index}` } });
  say({ issued: serialNumber });
  // Both processes keep one for the same holders.
  say({ issued: pki.credentialFor({ kind: 'nurse', id: `shared-${index % 7}` }).serialNumber });
  pki.manufacturer.issueBirth({ kind: 'pump', id: `${name}-${index}` });
  if (index % 3 === 0) {
    pki.revoke(serialNumber, 'superseded');
    say({ revoked: serialNumber });
    say({ crlNumbers: pki.crls().map(({ number }) => number) });
  }
}
