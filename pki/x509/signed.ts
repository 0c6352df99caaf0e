import { type KeyObject, verify } from 'node:crypto';
import {
  type Asn1,
  content,
  DerError,
  decode,
  encode,
  firstInside,
  sequenceElements,
  TAG,
  wholeOctets,
} from './der.ts';
import { oidName } from './oids.ts';

/** What certificates and CRLs have in common: content, algorithm, signature. */
export interface Signed {
  /** What the signature covers, as it came. */
  readonly tbs: Buffer;
  /** `undefined` for an algorithm that is not accepted, such as any with SHA-1. */
  readonly algorithm: 'ecdsaWithSha256' | 'sha256WithRsaEncryption' | undefined;
  /** Old algorithms over SHA-1, by name, to say more of a refusal than that the signature is not accepted. */
  readonly weakAlgorithm: 'ecdsaWithSha1' | 'sha1WithRsaEncryption' | undefined;
  readonly signature: Buffer;
}

/** @returns the parts, and the fields of the signed content. Throws on anything else. */
export function readSigned(der: Uint8Array): {
  readonly signed: Signed;
  readonly fields: Asn1[];
  /** The algorithm as the outer structure names it; the content must name the same [RFC 5280 §4.1.1.2]. */
  readonly algorithmDer: Buffer;
} {
  const whole = decode(der);
  // One certificate, one encoding: else it could be given another fingerprint by writing a length differently. (The
  // other number that verifies in place of an ECDSA signature's remains; what is revoked is a serial number.)
  if (!encode(whole).equals(der)) throw new DerError('not DER');
  const [tbs, algorithm, signature, ...rest] = sequenceElements(whole, 'signed structure');
  if (algorithm === undefined || rest.length > 0) throw new DerError('not content, algorithm and signature');
  const [identifier] = sequenceElements(algorithm, 'signature algorithm');
  const name = oidName(content(identifier, TAG.oid, 'signature algorithm'));
  return {
    signed: {
      tbs: firstInside(der),
      algorithm: name === 'ecdsaWithSha256' || name === 'sha256WithRsaEncryption' ? name : undefined,
      weakAlgorithm: name === 'ecdsaWithSha1' || name === 'sha1WithRsaEncryption' ? name : undefined,
      signature: wholeOctets(signature, 'signature'),
    },
    fields: sequenceElements(tbs, 'signed content'),
    algorithmDer: encode(algorithm),
  };
}

/** As far as a signature is concerned, whoever may have made it. */
interface Issuer {
  readonly keyStrength: string;
  readonly publicKey: () => KeyObject | undefined;
}

const verified = new WeakMap<Signed, WeakMap<Issuer, boolean>>();

/** Whether the key of `issuer` signed it. Each pair is verified once, as long as both are remembered. */
export function isSignedBy(signed: Signed, issuer: Issuer): boolean {
  let byIssuer = verified.get(signed);
  if (byIssuer === undefined) {
    byIssuer = new WeakMap();
    verified.set(signed, byIssuer);
  }
  let holds = byIssuer.get(issuer);
  if (holds === undefined) {
    holds = verifySignature(signed, issuer);
    byIssuer.set(issuer, holds);
  }
  return holds;
}

/** Whether the key of `issuer` signed it over SHA-1. That is never enough; it only says what is wrong. */
export function isWeaklySignedBy(signed: Signed, issuer: Issuer): boolean {
  if (signed.weakAlgorithm === undefined) return false;
  if (issuer.keyStrength !== (signed.weakAlgorithm === 'ecdsaWithSha1' ? 'p256' : 'rsa')) return false;
  const key = issuer.publicKey();
  return key !== undefined && verify('sha1', signed.tbs, key, signed.signature);
}

function verifySignature(signed: Signed, issuer: Issuer): boolean {
  // The key decides what it can have made: never an RSA signature with an EC key.
  const fits =
    (signed.algorithm === 'ecdsaWithSha256' && issuer.keyStrength === 'p256') ||
    (signed.algorithm === 'sha256WithRsaEncryption' && issuer.keyStrength === 'rsa');
  if (!fits) return false;
  const key = issuer.publicKey();
  return key !== undefined && verify('sha256', signed.tbs, key, signed.signature);
}
