import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { newKeyPair, privateKeyPemOf } from '../../../pki/x509/algorithms.ts';
import { readP256 } from '../../../pki/x509/p256-key.ts';

test('a P-256 key is written byte for byte as OpenSSL writes it', () => {
  // One number in 256 begins with a zero octet, and so does one coordinate in 128: among so many, each does.
  for (let made = 0; made < 1_500; made++) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = readP256(privateKey);
    expect(key?.spkiDer).toEqual(publicKey.export({ format: 'der', type: 'spki' }));
    expect(key?.pkcs8Der()).toEqual(privateKey.export({ format: 'der', type: 'pkcs8' }));
  }
});

test('the PEM of a P-256 key is that of OpenSSL, and reads back', () => {
  const { privateKey } = newKeyPair('p256');
  const pem = privateKeyPemOf(privateKey);
  expect(pem).toBe(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  expect(createPrivateKey(pem).equals(privateKey)).toBe(true);
});

test.each(['secp384r1', 'secp224r1', 'secp256k1'])(
  'a key on %s is none of P-256 and still gets its PEM',
  (namedCurve) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    expect(readP256(privateKey)).toBeUndefined();
    expect(privateKeyPemOf(privateKey)).toBe(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  },
);

test('an RSA key is none of P-256', () => {
  const { privateKey } = newKeyPair('rsa2048');
  expect(readP256(privateKey)).toBeUndefined();
  expect(privateKeyPemOf(privateKey)).toBe(privateKey.export({ format: 'pem', type: 'pkcs8' }));
});
