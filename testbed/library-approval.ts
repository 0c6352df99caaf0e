import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { LIBRARY_BANNER, parseLibrary } from '../protocol/drug-library/index.ts';
import {
  type CertificateJudge,
  canonicalBytes,
  type Identity,
  type IdentityUrn,
  type LibraryManifest,
  libraryManifest,
  PumprangeError,
  type Signer,
  signMessage,
  urnOf,
} from '../protocol/index.ts';
import { APPROVALS_NEEDED, approvalsOf, draftLibraryManifest, readLibrary } from '../pump-server/index.ts';
import { whileLocked } from './dir-lock.ts';
import { writeFileWhole } from './files.ts';

/** What lies beside a library while people approve it. */
const approvalSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1),
  banner: z.literal(LIBRARY_BANNER),
  manifest: libraryManifest,
});

export function libraryApprovalJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(approvalSchema, { io: 'input' });
  return { $schema, title: 'Pumprange approval of a drug library', ...rest };
}

/** What the first approver decides. */
export interface ApprovalTerms {
  readonly sequence: number;
  readonly models: readonly string[];
  readonly minimumFirmware: string;
  readonly notAfterMs: number;
}

export interface Approval {
  readonly manifest: LibraryManifest;
  readonly approvers: readonly IdentityUrn[];
  readonly isApproved: boolean;
}

/** Where the approval of a library lies: `adult.json` → `adult.manifest.json`. */
export function approvalPath(libraryPath: string): string {
  return `${libraryPath.replace(/\.json$/i, '')}.manifest.json`;
}

/**
 * The library as pumps take it, which is what is signed: canonical JSON [RFC 8785] with `status` `released` and the sequence number of its
 * manifest, whether the file is CSV or JSON.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_LIBRARY_INVALID`
 */
export function releasedForm(path: string, sequence: number): Buffer {
  const { library } = readLibrary(path);
  return canonicalBytes({ ...library, sequence, status: 'released' });
}

/**
 * One person's approval of a library file: the first makes the manifest, the next adds a signature to it.
 *
 * @param terms of the first approval; not asked for when there is one
 * @throws PumprangeError `PR_APPROVED_ALREADY`, `PR_APPROVAL_STALE`, `PR_FILE_UNREADABLE`, `PR_LIBRARY_INVALID`, `PR_RELEASE_INVALID`, `PR_DISK`;
 *   `PR_DIR_IN_USE` while somebody else approves it; then nothing is written
 */
export function approveLibrary(options: ApprovalOptions): Promise<Approval> {
  return whileLocked(options.manifestPath, () => approve(options));
}

interface ApprovalOptions {
  readonly path: string;
  readonly manifestPath: string;
  readonly approver: { readonly identity: Identity; readonly signer: Signer };
  readonly terms: () => ApprovalTerms;
  /** Called where there is a first approval already; may throw. */
  readonly refuseTerms?: () => void;
  readonly judge: CertificateJudge;
  readonly nowMs: number;
}

async function approve(options: ApprovalOptions): Promise<Approval> {
  const { path, manifestPath, approver, judge, nowMs } = options;
  const isFirst = !existsSync(manifestPath);
  if (!isFirst) options.refuseTerms?.();
  const before = isFirst
    ? drafted(path, options.terms())
    : readApproval({ path, manifestPath, judge, nowMs }).manifest;
  if (approvalsOf(before, judge, nowMs).approvers.includes(urnOf(approver.identity))) {
    throw new PumprangeError('PR_APPROVED_ALREADY', `${approver.identity.id} has approved ${path} already`);
  }
  const manifest = await signMessage(before, approver.signer);
  const after = approvalOf(manifest, judge, nowMs);
  if (!after.approvers.includes(urnOf(approver.identity))) {
    const { faults } = approvalsOf(manifest, judge, nowMs);
    throw new PumprangeError(
      'PR_APPROVER_REFUSED',
      `${approver.identity.id}: ${faults.at(-1) ?? 'not accepted'}`,
    );
  }
  const file = { version: 1, banner: LIBRARY_BANNER, manifest } satisfies z.input<typeof approvalSchema>;
  writeFileWhole(manifestPath, `${JSON.stringify(file, null, 2)}\n`);
  return after;
}

/**
 * The approval of a library, and the content that it is for.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_LIBRARY_INVALID`; `PR_APPROVAL_STALE` if it is none, or for another content
 */
export function readApproval(options: {
  readonly path: string;
  readonly manifestPath: string;
  readonly judge: CertificateJudge;
  readonly nowMs: number;
}): Approval & { readonly contentBytes: Buffer } {
  const { path, manifestPath, judge, nowMs } = options;
  const { manifest } = parsedApproval(manifestPath);
  const contentBytes = releasedForm(path, manifest.sequence);
  const { signatures: _, ...unsigned } = manifest;
  const { signatures: __, ...expected } = { ...draftOf(path, contentBytes, termsOf(manifest)) };
  if (JSON.stringify(expected) !== JSON.stringify(unsigned)) {
    throw stale(manifestPath, `it is not for what ${path} is now`);
  }
  if (Date.parse(manifest.notAfter) <= nowMs) throw stale(manifestPath, `it ended at ${manifest.notAfter}`);
  return { ...approvalOf(manifest, judge, nowMs), contentBytes };
}

function approvalOf(manifest: LibraryManifest, judge: CertificateJudge, nowMs: number): Approval {
  const { approvers } = approvalsOf(manifest, judge, nowMs);
  return { manifest, approvers, isApproved: approvers.length >= APPROVALS_NEEDED };
}

function drafted(path: string, terms: ApprovalTerms): LibraryManifest {
  return draftOf(path, releasedForm(path, terms.sequence), terms);
}

function draftOf(path: string, contentBytes: Buffer, terms: ApprovalTerms): LibraryManifest {
  const { id, version, careArea } = parseLibrary(contentBytes, path);
  return draftLibraryManifest({ libraryId: id, version, careArea, contentBytes, ...terms });
}

function termsOf({ sequence, models, minimumFirmware, notAfter }: LibraryManifest): ApprovalTerms {
  return { sequence, models, minimumFirmware, notAfterMs: Date.parse(notAfter) };
}

function parsedApproval(path: string): z.infer<typeof approvalSchema> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PumprangeError('PR_FILE_UNREADABLE', `${path} cannot be read; was it approved?`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw stale(path, 'not JSON');
  }
  const parsed = approvalSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw stale(path, `${issue?.path.join('.') || 'approval'}: ${issue?.message ?? 'does not fit'}`);
}

function stale(path: string, reason: string): PumprangeError {
  return new PumprangeError('PR_APPROVAL_STALE', `${path}: ${reason}`);
}
