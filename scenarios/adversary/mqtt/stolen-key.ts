import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Signer } from '../../../protocol/index.ts';
import type { AttackCredential } from '../../engine/port.ts';

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** A stolen key with its certificates, as whoever signs with it needs them. */
export function signerOf({ chainPem, privateKeyPem }: AttackCredential): Signer {
  const blocks = chainPem.match(CERTIFICATES) ?? [];
  return {
    chainDer: blocks.map((block) => new X509Certificate(block).raw),
    privateKey: createPrivateKey(privateKeyPem),
  };
}
