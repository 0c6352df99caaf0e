import type { CertificateJudge, ControlId } from '../../protocol/index.ts';
import type { Pki } from '../pki.ts';
import { pemBlocks } from '../x509/pem.ts';
import type { EnrolmentAuthority } from './est-handler.ts';

/**
 * The PKI of a site, as its EST server needs it.
 * @param lifetimeMs of the certificates; absent: the profile's
 */
export function siteAuthority(
  pki: Pki,
  birthJudge: CertificateJudge,
  controls: ReadonlySet<ControlId>,
  lifetimeMs?: number,
): EnrolmentAuthority {
  return {
    birthJudge,
    siteJudge: pki.judge({ revocation: controls.has('certificate-revocation') }),
    caCertificates: () => [pki.rootPem, ...pki.issuingPems].flatMap((pem) => pemBlocks(pem, 'CERTIFICATE')),
    isBarred: pki.isBarred,
    certify: (identity, spkiDer) => {
      const [leaf] = pki.certify(
        { identity, ...(lifetimeMs === undefined ? {} : { lifetimeMs }) },
        spkiDer,
      ).chainDer;
      if (leaf === undefined) throw new TypeError('a chain without a leaf');
      return leaf;
    },
  };
}
