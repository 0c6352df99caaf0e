import type { Certificate } from '../x509/certificate.ts';
import type { Crl } from '../x509/crl.ts';
import { isSignedBy } from '../x509/signed.ts';

export type RevocationStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly detail: string }
  | { readonly status: 'unknown'; readonly detail: string };

/**
 * Looks a certificate up in the CRLs of its issuer. A list that has run out still convicts, but no longer acquits. One
 * that was issued after `atMs` is taken: it knows more, not less.
 */
export function revocationStatus(
  certificate: Certificate,
  issuer: Certificate,
  crls: readonly Crl[],
  atMs: number,
): RevocationStatus {
  let fresh = false;
  let found = false;
  for (const crl of crls) {
    if (!isCrlOf(crl, issuer)) continue;
    found = true;
    const entry = crl.revoked.get(certificate.serialNumber);
    if (entry !== undefined) {
      const date = new Date(entry.atMs).toISOString();
      return { status: 'revoked', detail: `${certificate.subjectText}: revoked at ${date}, ${entry.reason}` };
    }
    if (atMs <= crl.nextUpdateMs) fresh = true;
  }
  if (fresh) return { status: 'good' };
  const what = found ? 'the CRL has expired' : 'there is no CRL';
  return { status: 'unknown', detail: `${what} of ${issuer.subjectText}` };
}

/** Whether a list was issued by that authority. */
export function isCrlOf(crl: Crl, issuer: Certificate): boolean {
  return (
    crl.issuer === issuer.subject &&
    (crl.issuerKeyId === null || crl.issuerKeyId === issuer.subjectKeyId) &&
    issuer.keyUsage.has('cRLSign') &&
    isSignedBy(crl.signed, issuer)
  );
}
