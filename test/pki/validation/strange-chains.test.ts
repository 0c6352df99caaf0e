import { expect, test, vi } from 'vitest';
import { newKeyPair } from '../../../pki/x509/algorithms.ts';
import { parseCertificate } from '../../../pki/x509/certificate.ts';
import type { Asn1 } from '../../../pki/x509/der.ts';
import { basicConstraints, keyUsage } from '../../../pki/x509/extensions.ts';
import { distinguishedName } from '../../../pki/x509/name.ts';
import { isWeaklySignedBy } from '../../../pki/x509/signed.ts';
import { bench, certify, judgeOf, START_MS } from '../workbench.ts';

const verified = vi.hoisted(() => ({ byStrangers: 0, strangers: new Set<string>() }));
vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  const verify: typeof crypto.verify = ((algorithm: string, data: Buffer, key: never, signature: Buffer) => {
    const spki = (key as import('node:crypto').KeyObject).export({ format: 'der', type: 'spki' });
    if (verified.strangers.has(spki.toString('hex'))) verified.byStrangers += 1;
    return crypto.verify(algorithm, data, key, signature);
  }) as never;
  return { ...crypto, verify };
});

const named = (name: string): Asn1 => distinguishedName('Evil', name);
const authority = () => [basicConstraints(3), keyUsage(['keyCertSign'])];

test.each([
  ['a ring', ['A>B', 'B>A', 'A>B', 'B>A', 'A>B']],
  ['one name', ['A>A', 'A>A', 'A>A', 'A>A', 'A>A']],
  ['a line to nowhere', ['A>B', 'B>C', 'C>D', 'D>E', 'E>F']],
  ['a line that says it ends at our root', ['A>B', 'B>C', 'C>root']],
])('a stranger’s authorities verify nothing before a root has vouched for them: %s', (_, links) => {
  const { site } = bench();
  const keyPair = newKeyPair('p256');
  verified.strangers.add(keyPair.spkiDer.toString('hex'));
  verified.byStrangers = 0;
  const issuerOf = (name: string) => ({
    ...site.root,
    name: name === 'root' ? site.root.name : named(name),
    privateKey: keyPair.privateKey,
  });
  const chain = links.map((link) => {
    const [subject = '', issuer = ''] = link.split('>');
    return certify(issuerOf(issuer), { subject: named(subject), keyPair, extensions: authority });
  });
  const leaf = certify(issuerOf('A'), { extensions: () => [keyUsage(['digitalSignature'])] });
  const verdict = judgeOf(site, null)([leaf, ...chain], 'tls-client', START_MS);
  expect(verdict).toMatchObject({ refusal: links.includes('C>root') ? 'bad-signature' : 'unknown-issuer' });
  expect(verified.byStrangers).toBe(0);
});

test('a key that is not accepted verifies no signature over SHA-1 either', () => {
  const { site } = bench();
  const { signed } = parseCertificate(certify(site.issuing.devices));
  const publicKey = vi.fn(() => undefined);
  const old = { ...signed, weakAlgorithm: 'sha1WithRsaEncryption' } as const;
  expect(isWeaklySignedBy(old, { keyStrength: 'unaccepted', publicKey })).toBe(false);
  expect(publicKey).not.toHaveBeenCalled();
});
