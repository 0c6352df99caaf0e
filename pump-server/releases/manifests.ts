import type { z } from 'zod';
import type { Settling } from '../../clock/index.ts';
import type { Dependency } from '../../protocol/firmware/index.ts';
import {
  type FirmwareManifest,
  firmwareManifest,
  type LibraryManifest,
  libraryManifest,
  PumprangeError,
  type Signature,
  type Signer,
  signMessage,
} from '../../protocol/index.ts';
import { digestOf } from '../digest.ts';

/** A drug library that somebody wants released. */
export interface LibraryDraft {
  readonly libraryId: string;
  readonly version: string;
  /** A pump wants it to be the library's own. */
  readonly sequence: number;
  readonly careArea: string;
  readonly models: readonly string[];
  readonly minimumFirmware: string;
  readonly contentBytes: Uint8Array;
  readonly notAfterMs: number;
}

/** A firmware package that somebody wants released. */
export interface FirmwareDraft {
  readonly model: string;
  readonly firmwareVersion: string;
  readonly sequence: number;
  readonly securityEpoch: number;
  /** Those of the package; a pump refuses another list. Absent: none. */
  readonly dependencies?: readonly Dependency[];
  readonly packageBytes: Uint8Array;
  readonly notAfterMs: number;
}

/**
 * The manifest of a library, not signed yet.
 *
 * @throws PumprangeError `PR_RELEASE_INVALID`
 */
export function draftLibraryManifest(draft: LibraryDraft): LibraryManifest {
  return checked(libraryManifest, {
    document: 'library-manifest',
    version: 1,
    library: draft.libraryId,
    sequence: draft.sequence,
    libraryVersion: draft.version,
    careArea: draft.careArea,
    models: [...draft.models],
    minimumFirmware: draft.minimumFirmware,
    digest: digestOf(draft.contentBytes),
    sizeBytes: draft.contentBytes.length,
    notAfter: new Date(draft.notAfterMs).toISOString(),
  });
}

/**
 * The manifest of a firmware package, not signed yet.
 *
 * @throws PumprangeError `PR_RELEASE_INVALID`
 */
export function draftFirmwareManifest(draft: FirmwareDraft): FirmwareManifest {
  return checked(firmwareManifest, {
    document: 'firmware-manifest',
    version: 1,
    model: draft.model,
    firmwareVersion: draft.firmwareVersion,
    sequence: draft.sequence,
    securityEpoch: draft.securityEpoch,
    ...(draft.dependencies === undefined ? {} : { dependencies: [...draft.dependencies] }),
    digest: digestOf(draft.packageBytes),
    sizeBytes: draft.packageBytes.length,
    notAfter: new Date(draft.notAfterMs).toISOString(),
  });
}

/** Signs with each key in turn. Each signature is held work. */
export async function signAll<M extends { readonly signatures?: readonly Signature[] | undefined }>(
  manifest: M,
  signers: readonly Signer[],
  settling: Settling,
): Promise<M> {
  let signed = manifest;
  for (const signer of signers) {
    const before = signed;
    signed = await settling.hold('the signature of a release', () => signMessage(before, signer));
  }
  return signed;
}

function checked<S extends z.ZodType>(schema: S, manifest: unknown): z.output<S> {
  const parsed = schema.safeParse(manifest);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new PumprangeError(
    'PR_RELEASE_INVALID',
    `${issue?.path.join('.') || 'manifest'}: ${issue?.message ?? 'does not fit'}`,
  );
}
