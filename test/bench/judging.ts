import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { HeapClock } from '../../clock/index.ts';
import { createMemoryPki } from '../../pki/index.ts';
import { figure, perCallUs } from './figure.ts';

/** Judging a known chain, against reading one certificate and verifying one signature. */
export function judging(): void {
  const clock = new HeapClock(Date.now());
  const pki = createMemoryPki({ clock });
  const { chainDer } = pki.issue({ identity: { kind: 'pump', id: 'LVP-0001' } });
  const judge = pki.judge({ revocation: true });
  const [leaf, issuer] = chainDer;
  if (leaf === undefined || issuer === undefined) throw new Error('a chain has two certificates');
  const issuerKey = new X509Certificate(issuer).publicKey;
  const baseline = perCallUs(2_000, () => new X509Certificate(leaf).verify(issuerKey));
  const judged = perCallUs(2_000, () => judge(chainDer, 'tls-client', clock.now()));
  figure('judge a chain', judged, 'µs', baseline, 'against reading and verifying one bare certificate');
  const content = randomBytes(64);
  const hash = perCallUs(2_000, () => createHash('sha256').update(content).digest());
  const issue = perCallUs(300, () => pki.issue({ identity: { kind: 'pump', id: 'LVP-0002' } }));
  figure('issue a certificate', issue, 'µs', hash, 'P-256, key included; against one SHA-256');
}
