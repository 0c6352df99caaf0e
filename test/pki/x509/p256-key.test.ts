import { createPrivateKey, createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { newP256 } from '../../../pki/x509/p256-key.ts';

test('a new P-256 key is written byte for byte as OpenSSL writes it', () => {
  // One number in 256 begins with a zero octet, and so does one coordinate in 128: among so many, each does.
  for (let made = 0; made < 1_500; made++) {
    const { privateKeyPem, spkiDer } = newP256();
    const read = createPrivateKey(privateKeyPem);
    expect(privateKeyPem).toBe(read.export({ format: 'pem', type: 'pkcs8' }));
    expect(spkiDer).toEqual(createPublicKey(read).export({ format: 'der', type: 'spki' }));
  }
});

test('the key that signs is the one that was written', () => {
  const { privateKey, privateKeyPem } = newP256();
  expect(createPrivateKey(privateKeyPem).equals(privateKey)).toBe(true);
});
