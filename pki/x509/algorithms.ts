import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  type Asn1,
  bitString,
  decode,
  encode,
  nothing,
  oid,
  sequence,
  sequenceElements,
  sequenceOf,
  wholeOctets,
} from './der.ts';
import { newP256 } from './p256-key.ts';

/** P-256 is the default: an RSA-2048 key takes about 160 ms to make, a P-256 key well under one. */
export const KEY_ALGORITHMS = ['p256', 'rsa2048', 'rsa3072'] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

const RSA_BITS = { rsa2048: 2048, rsa3072: 3072 } as const;

export interface KeyPair {
  readonly privateKey: KeyObject;
  /** SubjectPublicKeyInfo. */
  readonly spkiDer: Buffer;
}

export function newKeyPair(algorithm: KeyAlgorithm): KeyPair & { readonly privateKeyPem: string } {
  if (algorithm === 'p256') return newP256();
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: RSA_BITS[algorithm] });
  return {
    privateKey,
    privateKeyPem: privateKeyPemOf(privateKey),
    spkiDer: publicKey.export({ format: 'der', type: 'spki' }),
  };
}

/** PKCS #8. */
export function privateKeyPemOf(privateKey: KeyObject): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** The AlgorithmIdentifier of what `signedStructure` makes with that key [RFC 5758 §3.2, RFC 4055 §5]. */
export function signatureAlgorithmOf(key: KeyObject): Asn1 {
  return key.asymmetricKeyType === 'rsa'
    ? sequence(oid('sha256WithRsaEncryption'), nothing())
    : sequence(oid('ecdsaWithSha256'));
}

/**
 * Content, algorithm and signature, as certificates and CRLs are built. The signature is made with SHA-256; one of ECDSA
 * is the DER of its two numbers.
 * @param after what stands behind the signature without being covered by it, as the certificates of an OCSP response
 */
export function signedStructure(
  tbs: Asn1,
  algorithm: Asn1,
  key: KeyObject,
  ...after: readonly Asn1[]
): Buffer {
  const content = encode(tbs);
  const signature = bitString(sign('sha256', content, key));
  return sequenceOf(content, encode(algorithm), encode(signature), ...after.map(encode));
}

/** SHA-1 over the public key without its header [RFC 5280 §4.2.1.2 (1)]: an identifier, nothing rests on it. */
export function keyIdentifierOf(spkiDer: Uint8Array): Buffer {
  const [, key] = sequenceElements(decode(spkiDer), 'SubjectPublicKeyInfo');
  return createHash('sha1').update(wholeOctets(key, 'subjectPublicKey')).digest();
}
