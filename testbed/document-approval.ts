import { existsSync } from 'node:fs';
import type { z } from 'zod';
import {
  type CertificateJudge,
  canonicalBytes,
  type Identity,
  type IdentityUrn,
  PumprangeError,
  type Signer,
  signMessage,
  urnOf,
} from '../protocol/index.ts';
import { approvalsOf, DOCUMENT_SIGNERS, type SignedDocument } from '../pump-server/index.ts';
import { whileLocked } from './dir-lock.ts';
import { readDocumentFile } from './document-file.ts';
import { writeFileWhole } from './files.ts';

/** How a file becomes a document that people sign. */
export interface DocumentForm<D extends SignedDocument> {
  readonly schema: z.ZodType<D>;
  /** @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_DOCUMENT_INVALID` */
  readonly draft: (path: string, notAfterMs: number) => D;
}

export interface DocumentApproval<D extends SignedDocument> {
  readonly document: D;
  readonly approvers: readonly IdentityUrn[];
  readonly isApproved: boolean;
}

/** Where a document lies once somebody has signed it: `adult.json` → `adult.signed.json`. */
export function signedPath(path: string): string {
  return `${path.replace(/\.json$/i, '')}.signed.json`;
}

/**
 * One person's signature under a file: the first makes the signed document, the next adds theirs.
 *
 * @throws PumprangeError `PR_APPROVED_ALREADY`, `PR_APPROVAL_STALE`, `PR_APPROVER_REFUSED`, `PR_FILE_UNREADABLE`, `PR_DOCUMENT_INVALID`,
 *   `PR_DISK`; `PR_DIR_IN_USE` while somebody else approves it; then nothing is written
 */
export function approveDocument<D extends SignedDocument>(
  form: DocumentForm<D>,
  options: ApprovalOptions,
): Promise<DocumentApproval<D>> {
  return whileLocked(signedPath(options.path), () => approve(form, options));
}

interface ApprovalOptions {
  readonly path: string;
  readonly approver: { readonly identity: Identity; readonly signer: Signer };
  /** Of the first approval. */
  readonly notAfterMs: number;
  readonly judge: CertificateJudge;
  readonly nowMs: number;
}

async function approve<D extends SignedDocument>(
  form: DocumentForm<D>,
  options: ApprovalOptions,
): Promise<DocumentApproval<D>> {
  const { path, approver, judge, nowMs } = options;
  const before = existsSync(signedPath(path))
    ? readSigned(form, options).document
    : form.draft(path, options.notAfterMs);
  const approverUrn = urnOf(approver.identity);
  if (approvalOf(before, judge, nowMs).approvers.includes(approverUrn)) {
    throw new PumprangeError('PR_APPROVED_ALREADY', `${approver.identity.id} has approved ${path} already`);
  }
  const after = approvalOf(await signMessage(before, approver.signer), judge, nowMs);
  if (!after.approvers.includes(approverUrn)) {
    throw new PumprangeError('PR_APPROVER_REFUSED', `${approver.identity.id}: the signature does not hold`);
  }
  writeFileWhole(signedPath(path), `${JSON.stringify(after.document, null, 2)}\n`);
  return after;
}

/**
 * The signed document beside a file, if it is for what the file is now.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_DOCUMENT_INVALID`, `PR_APPROVAL_STALE`
 */
export function readSigned<D extends SignedDocument>(
  form: DocumentForm<D>,
  options: { readonly path: string; readonly judge: CertificateJudge; readonly nowMs: number },
): DocumentApproval<D> {
  const { path, judge, nowMs } = options;
  const signed = signedPath(path);
  const document = readDocumentFile(signed, form.schema);
  const { signatures: _, ...unsigned } = document;
  const { signatures: __, ...expected } = form.draft(path, Date.parse(document.notAfter));
  if (!canonicalBytes(expected).equals(canonicalBytes(unsigned))) {
    throw new PumprangeError('PR_APPROVAL_STALE', `${signed}: it is not for what ${path} is now`);
  }
  if (Date.parse(document.notAfter) <= nowMs) {
    throw new PumprangeError('PR_APPROVAL_STALE', `${signed}: it ended at ${document.notAfter}`);
  }
  return approvalOf(document, judge, nowMs);
}

function approvalOf<D extends SignedDocument>(
  document: D,
  judge: CertificateJudge,
  nowMs: number,
): DocumentApproval<D> {
  const { kinds, needed } = DOCUMENT_SIGNERS[document.document];
  const { approvers } = approvalsOf(document, judge, nowMs, kinds);
  return { document, approvers, isApproved: approvers.length >= needed };
}
