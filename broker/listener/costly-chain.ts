import { X509Certificate } from 'node:crypto';

/** Of these nothing that we accept has more. */
const LONGEST_MODULUS_BITS = 4_096;
/** A leaf, who issued it, and perhaps the root. */
const LONGEST_CHAIN = 3;
const LARGEST_EXPONENT = 2n ** 32n;

/**
 * Whether OpenSSL had much to do with the chain of somebody who was refused: it verifies each link of it. Or it bears an RSA key with which a verification costs many times the usual: OpenSSL computes with any exponent up to a
 * modulus of 3,072 bits, and with one of 64 bits beyond. A key that cannot be read is one of these.
 */
export function isCostly(chainDer: readonly Buffer[]): boolean {
  if (chainDer.length > LONGEST_CHAIN) return true;
  return chainDer.some((der) => {
    try {
      const { asymmetricKeyDetails } = new X509Certificate(der).publicKey;
      const { modulusLength = 0, publicExponent = 0n } = asymmetricKeyDetails ?? {};
      return modulusLength > LONGEST_MODULUS_BITS || publicExponent > LARGEST_EXPONENT;
    } catch {
      return true;
    }
  });
}
