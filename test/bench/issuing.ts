import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeapClock } from '../../clock/index.ts';
import { createMemoryPki } from '../../pki/index.ts';
import { figure } from './figure.ts';

/** Keys and certificates made by us in one process, against the commands of OpenSSL that make the same, one after the other. */
export function issuing(isShort: boolean): void {
  const pki = createMemoryPki({ clock: new HeapClock(Date.now()) });
  const issue = (index: number): unknown =>
    pki.issue({ identity: { kind: 'pump', id: `LVP-${String(index).padStart(6, '0')}` } });
  const count = isShort ? 1_000 : 5_000;
  for (let index = 0; index < count / 5; index++) issue(index);
  const before = process.cpuUsage();
  const startedAt = performance.now();
  for (let index = 0; index < count; index++) issue(index);
  const ours = (count * 1_000) / (performance.now() - startedAt);
  const { user, system } = process.cpuUsage(before);
  const onOneCore = `P-256, key included; ${((count * 1e6) / (user + system)).toFixed(0)} a CPU-s`;
  const theirs = opensslRate(isShort ? 10 : 40);
  if (theirs === undefined)
    console.log(`issue beside openssl: not measured, openssl is not installed; ${onOneCore}`);
  else
    figure(
      'issue beside openssl',
      ours,
      'certificates a s',
      theirs,
      `${onOneCore}; against ecparam, req and x509`,
    );
}

/** Certificates a second; `undefined` where there is no `openssl`. */
function opensslRate(count: number): number | undefined {
  if (spawnSync('openssl', ['version']).status !== 0) return undefined;
  const dir = mkdtempSync(join(tmpdir(), 'pumprange-bench-'));
  const openssl = (line: string, ...more: string[]): void => {
    const { status, stderr } = spawnSync('openssl', [...line.split(' '), ...more], { cwd: dir });
    if (status !== 0) throw new Error(`openssl ${line}: ${stderr}`);
  };
  try {
    openssl('ecparam -name prime256v1 -genkey -noout -out ca.pem');
    openssl('req -x509 -key ca.pem -days 1 -out ca-cert.pem -subj', '/CN=TEST ONLY CA');
    writeFileSync(join(dir, 'leaf.cnf'), 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n');
    const startedAt = performance.now();
    for (let index = 0; index < count; index++) {
      openssl('ecparam -name prime256v1 -genkey -noout -out key.pem');
      openssl('req -new -key key.pem -out leaf.csr -subj', `/CN=urn:pumprange:pump:LVP-${index}`);
      openssl(
        'x509 -req -in leaf.csr -CA ca-cert.pem -CAkey ca.pem -days 30 -extfile leaf.cnf -out leaf.pem',
      );
    }
    return (count * 1_000) / (performance.now() - startedAt);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
