import type { JsonWebKey, KeyObject } from 'node:crypto';

/**
 * The two encodings of a P-256 key, byte for byte as OpenSSL writes them. OpenSSL 3 takes about 250 µs for both, four times as long
 * as for making the key; the three numbers of a JWK are there at once, and on this curve all lengths are fixed.
 */

/** SubjectPublicKeyInfo up to the point: ecPublicKey on prime256v1, named [RFC 5480 §2.1.1]; then 65 octets. */
const SPKI_HEAD = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');
/** PrivateKeyInfo [RFC 5208 §5] with an ECPrivateKey of version 1 [RFC 5915 §3] up to its number; then 32 octets. */
const PKCS8_HEAD = Buffer.from(
  '308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420',
  'hex',
);
/** `[1]` and the bit string around the point of an ECPrivateKey. */
const PKCS8_POINT = Buffer.from('a144034200', 'hex');
/** Uncompressed [RFC 5480 §2.2]. */
const POINT_FORM = Buffer.of(4);
const FIELD_BYTES = 32;

export interface P256Key {
  readonly spkiDer: Buffer;
  readonly pkcs8Der: () => Buffer;
}

/** @returns `undefined` for a key of any other sort. */
export function readP256(privateKey: KeyObject): P256Key | undefined {
  if (privateKey.asymmetricKeyType !== 'ec') return undefined;
  let jwk: JsonWebKey;
  try {
    jwk = privateKey.export({ format: 'jwk' });
  } catch {
    return undefined; // a curve that no JWK has
  }
  const { crv, d, x, y } = jwk;
  if (crv !== 'P-256') return undefined;
  // [RFC 7518 §6.2.2.1]: in full length, leading zeros and all.
  const [number, left, right] = [d, x, y].map((text) => Buffer.from(text ?? '', 'base64url'));
  if (number === undefined || left === undefined || right === undefined) return undefined;
  if ([number, left, right].some(({ byteLength }) => byteLength !== FIELD_BYTES)) return undefined;
  const point = Buffer.concat([POINT_FORM, left, right]);
  return {
    spkiDer: Buffer.concat([SPKI_HEAD, point]),
    pkcs8Der: () => Buffer.concat([PKCS8_HEAD, number, PKCS8_POINT, point]),
  };
}
