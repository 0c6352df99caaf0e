import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { KeyPair } from '../x509/algorithms.ts';
import { type CertificateContent, certificateTbs } from '../x509/build-certificate.ts';
import { bitString, encode, nothing, oid, sequence, sequenceOf } from '../x509/der.ts';

/**
 * What old devices still have and nobody should make: RSA of 1,024 bits and signatures over SHA-1. Here alone, for
 * deliberate defects; no ordinary issue comes this way.
 */

export function newLegacyKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return { privateKey, spkiDer: publicKey.export({ format: 'der', type: 'spki' }) };
}

/** @returns the DER of a certificate signed over SHA-1. */
export function buildLegacyCertificate(content: CertificateContent, issuerKey: KeyObject): Buffer {
  const algorithm =
    issuerKey.asymmetricKeyType === 'rsa'
      ? sequence(oid('sha1WithRsaEncryption'), nothing())
      : sequence(oid('ecdsaWithSha1'));
  const tbs = encode(certificateTbs(content, algorithm));
  return sequenceOf(tbs, encode(algorithm), encode(bitString(sign('sha1', tbs, issuerKey))));
}
