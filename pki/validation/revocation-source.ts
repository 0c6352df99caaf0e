import type { Certificate } from '../x509/certificate.ts';
import type { Crl } from '../x509/crl.ts';
import { type RevocationStatus, revocationStatus } from './revocation.ts';

/**
 * Where a judge learns whether a certificate was revoked. It answers at once with what is known: whatever has to be
 * fetched is fetched ahead of time, never inside a handshake.
 */
export interface RevocationSource {
  status(certificate: Certificate, issuer: Certificate, atMs: number): RevocationStatus;
}

/** A source that keeps what it fetches. */
export interface FetchingSource extends RevocationSource {
  /** Learns what is to be known of a certificate; resolves once it is known, or could not be had. */
  prepare(certificate: Certificate, issuer: Certificate): Promise<void>;
  stop(): void;
}

/** The CRLs themselves, as they are now. */
export function crlSource(readCrls: () => readonly Crl[]): RevocationSource {
  return {
    status: (certificate, issuer, atMs) => {
      let crls: readonly Crl[];
      try {
        crls = readCrls();
      } catch (error) {
        return { status: 'unknown', detail: `the CRLs cannot be had: ${String(error)}` };
      }
      return revocationStatus(certificate, issuer, crls, atMs);
    },
  };
}
