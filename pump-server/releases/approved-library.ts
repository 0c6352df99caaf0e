import { LIBRARY_BANNER, readLibrary } from '../../protocol/drug-library/index.ts';
import {
  type CertificateJudge,
  type IdentityUrn,
  type Kind,
  PumprangeError,
  urnOf,
  verifySignatures,
} from '../../protocol/index.ts';
import { digestOf } from '../digest.ts';
import type { SignedLibrary } from './flawed-release.ts';

/** So many different pharmacists approve a library. */
export const APPROVALS_NEEDED = 2;

/** A document that carries signatures. */
type Signed = Parameters<typeof verifySignatures>[0];

/** Who of the signers is of the kinds and has a signature and certificate that hold, each once; and what speaks against the others. */
export function approvalsOf(
  signed: Signed,
  judge: CertificateJudge,
  atMs: number,
  kinds: readonly Kind[] = ['pharmacist'],
): { readonly approvers: readonly IdentityUrn[]; readonly faults: readonly string[] } {
  const approvers = new Set<IdentityUrn>();
  const faults: string[] = [];
  for (const verdict of verifySignatures(signed, judge, 'message-signing', atMs)) {
    if (!verdict.accepted) faults.push(verdict.detail);
    else if (kinds.includes(verdict.identity.kind)) approvers.add(urnOf(verdict.identity));
    else faults.push(`${urnOf(verdict.identity)} is no ${kinds.join(' or ')}`);
  }
  return { approvers: [...approvers], faults };
}

/**
 * What an honest server looks at before it releases a library. Pumps believe none of it and look themselves.
 *
 * @param current what is released for the care area now
 * @throws PumprangeError `PR_RELEASE_NOT_APPROVED`, `PR_RELEASE_OUTDATED`, `PR_RELEASE_INVALID`, `PR_LIBRARY_INVALID`
 */
export function checkApproved(
  { manifest, contentBytes }: SignedLibrary,
  judge: CertificateJudge,
  atMs: number,
  current: { readonly sequence: number } | undefined,
): void {
  const { approvers, faults } = approvalsOf(manifest, judge, atMs);
  if (approvers.length < APPROVALS_NEEDED) {
    const why = faults.length === 0 ? '' : `; ${faults.join('; ')}`;
    throw new PumprangeError(
      'PR_RELEASE_NOT_APPROVED',
      `${approvers.length} of ${APPROVALS_NEEDED} different pharmacists signed${why}`,
    );
  }
  if (Date.parse(manifest.notAfter) <= atMs) {
    throw new PumprangeError('PR_RELEASE_OUTDATED', `the approval ended at ${manifest.notAfter}`);
  }
  if (current !== undefined && manifest.sequence <= current.sequence) {
    throw new PumprangeError(
      'PR_RELEASE_OUTDATED',
      `sequence ${manifest.sequence} for ${manifest.careArea} where ${current.sequence} is current`,
    );
  }
  if (digestOf(contentBytes) !== manifest.digest) throw invalid('the content is not what the manifest names');
  const read = readLibrary(contentBytes);
  if (read.library === null) throw new PumprangeError('PR_LIBRARY_INVALID', read.reason);
  const { id, version, sequence, careArea, status } = read.library;
  if (status !== 'released') throw invalid(`its status is ${status}, not released: ${LIBRARY_BANNER}`);
  const isSame =
    id === manifest.library &&
    version === manifest.libraryVersion &&
    sequence === manifest.sequence &&
    careArea === manifest.careArea;
  if (!isSame) throw invalid('the library is another than the manifest says');
}

function invalid(reason: string): PumprangeError {
  return new PumprangeError('PR_RELEASE_INVALID', reason);
}
