import type { KeyObject } from 'node:crypto';
import { FlattenedSign } from 'jose';
import type { Signature } from '../messages/envelope.ts';
import { signedBytes } from './canonical.ts';

/** A key and the certificates that say whose it is. */
export interface Signer {
  /** DER, leaf first. */
  readonly chainDer: readonly Uint8Array[];
  readonly privateKey: KeyObject;
}

/**
 * Adds one signature to a message and returns the new message; signatures that are there stay. The signature is a JWS
 * with detached payload (RFC 7515, Appendix F). It comes from the thread pool: under a lockstep, hold it.
 */
export async function signMessage<M extends { readonly signatures?: readonly Signature[] | undefined }>(
  message: M,
  signer: Signer,
): Promise<M> {
  const jws = await new FlattenedSign(signedBytes(message))
    .setProtectedHeader({
      alg: signer.privateKey.asymmetricKeyType === 'rsa' ? 'RS256' : 'ES256',
      typ: 'pumprange+jws',
      x5c: signer.chainDer.map((der) => Buffer.from(der).toString('base64')),
    })
    .sign(signer.privateKey);
  const signature: Signature = { protected: jws.protected ?? '', signature: jws.signature };
  return { ...message, signatures: [...(message.signatures ?? []), signature] };
}
