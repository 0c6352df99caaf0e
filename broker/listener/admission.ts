import type { CertificateJudge, CertificateVerdict, ControlId } from '../../protocol/index.ts';

export type Admission =
  | { readonly admitted: true; readonly verdict: Extract<CertificateVerdict, { accepted: true }> | undefined }
  | { readonly admitted: false; readonly verdict: Extract<CertificateVerdict, { accepted: false }> };

/**
 * The one place of `mutual-tls`: with it, a peer without an acceptable certificate does not come in; without it, a
 * certificate is not asked for and proves nothing.
 */
export function admit(
  chainDer: readonly Buffer[],
  judge: CertificateJudge,
  controls: ReadonlySet<ControlId>,
  atMs: number,
): Admission {
  if (!controls.has('mutual-tls')) return { admitted: true, verdict: undefined };
  if (chainDer.length === 0) {
    return {
      admitted: false,
      verdict: {
        accepted: false,
        control: 'mutual-tls',
        refusal: 'no-certificate',
        detail: 'no certificate was presented',
      },
    };
  }
  const verdict = judge(chainDer, 'tls-client', atMs);
  return verdict.accepted ? { admitted: true, verdict } : { admitted: false, verdict };
}
