import type { X509Certificate } from 'node:crypto';

/** As far as a TLS socket is asked for its peer. */
interface PresentingPeer {
  getPeerX509Certificate(): X509Certificate | undefined;
}

/** The chain that a peer presented, DER, leaf first; empty if it presented none. At most four certificates count. */
export function presentedChain(socket: PresentingPeer): Buffer[] {
  const chain: Buffer[] = [];
  let certificate = socket.getPeerX509Certificate();
  while (certificate !== undefined && chain.length < 4) {
    chain.push(certificate.raw);
    const issuer: X509Certificate | undefined = certificate.issuerCertificate;
    // A self-signed certificate names itself as its issuer.
    certificate = issuer?.raw.equals(certificate.raw) ? undefined : issuer;
  }
  return chain;
}
