import { verify, X509Certificate } from 'node:crypto';
import type { CertificateJudge, CertificateVerdict } from '../../protocol/index.ts';

/** Whoever asks the network for something, with what it shows of itself. */
export interface Supplicant {
  /** DER, leaf first; empty: it has no certificate. */
  readonly chainDer: readonly Uint8Array[];
  /** Signs with the key of the leaf, over SHA-256. */
  readonly sign: (challenge: Uint8Array) => Uint8Array;
}

/** Who somebody is, by a certificate that the judge accepts and by proof of its key, as in a TLS handshake. */
export function identify(
  { chainDer, sign }: Supplicant,
  judge: CertificateJudge,
  challenge: Uint8Array,
  atMs: number,
): CertificateVerdict {
  const [leaf] = chainDer;
  const refused = { accepted: false, control: 'mutual-tls' } as const;
  if (leaf === undefined) {
    return { ...refused, refusal: 'no-certificate', detail: 'no certificate was presented' };
  }
  const verdict = judge(chainDer, 'tls-client', atMs);
  if (!verdict.accepted || proves(leaf, challenge, sign)) return verdict;
  const { fingerprint } = verdict;
  return { ...refused, refusal: 'bad-signature', detail: 'it does not hold the key', fingerprint };
}

function proves(leaf: Uint8Array, challenge: Uint8Array, sign: Supplicant['sign']): boolean {
  try {
    return verify('sha256', challenge, new X509Certificate(leaf).publicKey, sign(challenge));
  } catch {
    return false; // it has another key, or none that signs
  }
}
