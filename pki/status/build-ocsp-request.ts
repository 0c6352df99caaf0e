import { type Asn1, encode, explicit, sequence } from '../x509/der.ts';
import { ocspNonce } from '../x509/extensions.ts';

/**
 * @param certIds what is asked about, see `certIdOf`
 * @returns the DER of an unsigned OCSPRequest [RFC 6960 §4.1.1]
 */
export function buildOcspRequest(certIds: readonly Asn1[], nonce?: Uint8Array): Buffer {
  return encode(
    sequence(
      sequence(
        sequence(...certIds.map((certId) => sequence(certId))),
        nonce === undefined ? undefined : explicit(2, sequence(ocspNonce(nonce))),
      ),
    ),
  );
}
