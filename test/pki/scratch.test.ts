import { test } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import { issueCredential } from '../../pki/authority/issue.ts';
import { openSite } from '../../pki/authority/open-site.ts';
import { createMemoryPki } from '../../pki/index.ts';
import { memoryStore } from '../../pki/store/memory-store.ts';
import { keyIdentifierOf, newKeyPair } from '../../pki/x509/algorithms.ts';
import { parseCertificate } from '../../pki/x509/certificate.ts';

test('speed', () => {
  const clock = new HeapClock(Date.parse('2025-11-24T00:00:00Z'));
  const { site } = openSite(memoryStore(), { name: 'x', atMs: clock.now(), keyAlgorithm: 'p256' });
  const time = (what: string, n: number, f: () => void) => {
    for (let i = 0; i < n; i++) f();
    const c = process.cpuUsage();
    const t = performance.now();
    for (let i = 0; i < n; i++) f();
    const u = process.cpuUsage(c);
    console.log(what, ((performance.now() - t) / n).toFixed(4), (u.user + u.system) / 1000 / n);
  };
  const k = newKeyPair('p256');
  time('key', 300, () => newKeyPair('p256'));
  time('ski', 300, () => keyIdentifierOf(k.spkiDer));
  time('pem', 300, () => k.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  const c = issueCredential(site, { identity: { kind: 'pump', id: 'X' } }, clock.now());
  time('parse', 500, () => parseCertificate(c.chainDer[0]!));
  time('issueCredential', 500, () =>
    issueCredential(site, { identity: { kind: 'pump', id: 'X' } }, clock.now()),
  );
  const pki = createMemoryPki({ clock });
  time('pki.issue', 500, () => pki.issue({ identity: { kind: 'pump', id: 'X' } }));
});
