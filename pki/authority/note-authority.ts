import type { EvidenceSink } from '../../protocol/index.ts';
import type { Authority } from './authority.ts';

/** Says in the evidence what became of an authority. */
export function noteAuthority(
  evidence: EvidenceSink,
  event: 'authority.added' | 'authority.retired',
  { id, certificate }: Authority,
): void {
  evidence({
    source: 'pki',
    event,
    outcome: 'observed',
    visibility: 'blue',
    certificateFingerprint: certificate.fingerprint,
    object: id,
  });
}
