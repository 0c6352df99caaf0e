import type { AuthorityId } from '../profiles.ts';
import type { Asn1 } from '../x509/der.ts';
import { authorityInfoAccess, crlDistributionPoint } from '../x509/extensions.ts';

/** Where whoever judges a certificate can ask about it; it then says so itself. */
export interface StatusAddresses {
  readonly ocsp: string;
  readonly crl: (issuer: AuthorityId) => string;
  readonly certificate: (issuer: AuthorityId) => string;
}

/** Where to ask about what an authority issued [RFC 5280 §4.2.1.13, §4.2.2.1]; nothing where there is no such place. */
export function statusExtensions(issuer: AuthorityId, status: StatusAddresses | undefined): readonly Asn1[] {
  if (status === undefined) return [];
  return [
    crlDistributionPoint(status.crl(issuer)),
    authorityInfoAccess({ ocsp: status.ocsp, caIssuers: status.certificate(issuer) }),
  ];
}
