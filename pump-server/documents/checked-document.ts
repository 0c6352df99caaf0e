import { type CertificateJudge, type Kind, PumprangeError } from '../../protocol/index.ts';
import { approvalsOf } from '../releases/approved-library.ts';
import { type DocumentKind, documentVersionOf, type SignedDocument } from './document-store.ts';

/** Who has to sign a document, and how many different ones. */
export const DOCUMENT_SIGNERS: Readonly<
  Record<
    DocumentKind,
    { readonly kinds: readonly [Kind, ...Kind[]]; readonly needed: number; readonly who: string }
  >
> = {
  'library-ceiling': { kinds: ['clinical-engineer'], needed: 1, who: 'clinical engineer' },
  'device-configuration': {
    kinds: ['biomed', 'security'],
    needed: 2,
    who: 'person of biomedical engineering or security',
  },
};

/**
 * What an honest server looks at before it releases a document. Pumps believe none of it and look themselves.
 *
 * @param current what is released now, for each of its care areas
 * @throws PumprangeError `PR_RELEASE_NOT_APPROVED`, `PR_RELEASE_OUTDATED`
 */
export function checkDocument(
  document: SignedDocument,
  judge: CertificateJudge,
  atMs: number,
  current: readonly SignedDocument[],
): void {
  const { kinds, needed, who } = DOCUMENT_SIGNERS[document.document];
  const { approvers, faults } = approvalsOf(document, judge, atMs, kinds);
  if (approvers.length < needed) {
    const why = faults.length === 0 ? '' : `; ${faults.join('; ')}`;
    throw new PumprangeError(
      'PR_RELEASE_NOT_APPROVED',
      `${approvers.length} of ${needed} signed, each a different ${who}${why}`,
    );
  }
  if (Date.parse(document.notAfter) <= atMs) {
    throw new PumprangeError('PR_RELEASE_OUTDATED', `the approval ended at ${document.notAfter}`);
  }
  const newer = current.find(({ sequence }) => document.sequence <= sequence);
  if (newer === undefined) return;
  throw new PumprangeError(
    'PR_RELEASE_OUTDATED',
    `sequence ${document.sequence} where ${newer.sequence} is current (version ${documentVersionOf(newer)})`,
  );
}
