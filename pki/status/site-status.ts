import type { Clock } from '../../clock/index.ts';
import type { EvidenceSink } from '../../protocol/index.ts';
import type { Authorities } from '../authority/authorities.ts';
import type { Authority } from '../authority/authority.ts';
import type { Register } from '../authority/register.ts';
import type { AuthorityId } from '../profiles.ts';
import type { RequestHandler } from '../service/handler.ts';
import type { CertificateStatus } from './ocsp-response.ts';
import { delegatedResponder } from './responder.ts';
import { type ServedAuthority, statusHandler } from './status-handler.ts';

export interface SiteStatusOptions {
  readonly clock: Clock;
  readonly evidence: EvidenceSink;
  readonly authorities: Authorities;
  readonly register: Register;
}

/**
 * The status of all that a site ever issued. An authority that was retired goes on telling of its certificates, which are all
 * revoked: whoever still holds one finds out at the place that it names. That the authority itself is, the root tells.
 */
export function siteStatus({ clock, evidence, authorities, register }: SiteStatusOptions): RequestHandler {
  const served = new Map<AuthorityId, ServedAuthority>();

  function servedOf(authority: Authority): ServedAuthority {
    const { id, certificate } = authority;
    let found = served.get(id);
    if (found === undefined) {
      found = {
        id,
        certificate,
        crl: () => authorities.crlOf(authority),
        responder: delegatedResponder(authority, authorities.site.name),
        statusOf: (serialNumber) => statusOf(id, serialNumber),
      };
      served.set(id, found);
    }
    return found;
  }

  /** By the authority that was asked: another's certificate is `unknown` to it. */
  function statusOf(id: AuthorityId, serialNumber: string): CertificateStatus {
    const known = register.statusOf(id, serialNumber);
    if (known.status !== 'unknown' || id !== 'root') return known;
    // Authorities are no entries of the register.
    const [, ...issuing] = authorities.all;
    const isOurs = issuing.some(({ certificate }) => certificate.serialNumber === serialNumber);
    return { status: isOurs ? 'good' : 'unknown' };
  }

  return statusHandler({ clock, evidence, authorities: () => authorities.all.map(servedOf) });
}
