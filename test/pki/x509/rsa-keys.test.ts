import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { keyStrengthOf } from '../../../pki/x509/certificate.ts';
import { decode } from '../../../pki/x509/der.ts';

const base64url = (value: bigint): string => {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
};

function strength(modulus: bigint, exponent: bigint): string {
  const key = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) };
  const der = createPublicKey({ key, format: 'jwk' }).export({ format: 'der', type: 'spki' });
  return keyStrengthOf(decode(der));
}

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const N = BigInt(`0x${Buffer.from(publicKey.export({ format: 'jwk' }).n!, 'base64url').toString('hex')}`);

test.each([
  ['1', 1n],
  ['2', 2n],
  ['3', 3n],
  ['65,535', 65_535n],
  ['65,538', 65_538n],
  ['2^32 + 1', 2n ** 32n + 1n],
  ['2^2040 + 1', 2n ** 2040n + 1n],
])('an RSA key with the exponent %s is not accepted', (_, exponent) => {
  expect(strength(N, exponent)).toBe('unaccepted');
});

test.each([65_537n, 65_539n, 2n ** 32n - 1n])('one with %s is', (exponent) => {
  expect(strength(N, exponent)).toBe('rsa');
});

test('bits are counted, not octets', () => {
  expect(strength(2n ** 2047n + 1n, 65_537n)).toBe('rsa');
  expect(strength(2n ** 2047n - 1n, 65_537n)).toBe('unaccepted');
  expect(strength(2n ** 4096n - 1n, 65_537n)).toBe('rsa');
  expect(strength(2n ** 4096n + 1n, 65_537n)).toBe('unaccepted');
});
