import { createECDH, createPrivateKey, type KeyObject } from 'node:crypto';
import { pemOf } from './pem.ts';

/**
 * A new P-256 key with its two encodings, byte for byte as OpenSSL writes them. OpenSSL 3 takes about 250 µs to write both, four times
 * as long as to make the key; on this curve all lengths are fixed.
 *
 * The numbers come from ECDH and not from the JWK of a key that `generateKeyPairSync` made: Node.js 20 holds the lock of a key while it
 * writes its JWK, and stands still for ever if the collector then takes away the job that made that very key.
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
const FIELD_BYTES = 32;

export function newP256(): {
  readonly privateKey: KeyObject;
  readonly privateKeyPem: string;
  readonly spkiDer: Buffer;
} {
  const ecdh = createECDH('prime256v1');
  // Uncompressed: 4, x, y [RFC 5480 §2.2].
  const point = ecdh.generateKeys();
  const short = ecdh.getPrivateKey();
  const number = Buffer.concat([Buffer.alloc(FIELD_BYTES - short.byteLength), short]);
  const text = (bytes: Buffer): string => bytes.toString('base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    d: text(number),
    x: text(point.subarray(1, 1 + FIELD_BYTES)),
    y: text(point.subarray(1 + FIELD_BYTES)),
  };
  return {
    privateKey: createPrivateKey({ key: jwk, format: 'jwk' }),
    privateKeyPem: pemOf('PRIVATE KEY', Buffer.concat([PKCS8_HEAD, number, PKCS8_POINT, point])),
    spkiDer: Buffer.concat([SPKI_HEAD, point]),
  };
}
