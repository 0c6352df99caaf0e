import type { Settling } from '../../clock/index.ts';
import type { FirmwareManifest, LibraryManifest, Signer } from '../../protocol/index.ts';
import { digestOf } from '../digest.ts';
import {
  draftFirmwareManifest,
  draftLibraryManifest,
  type FirmwareDraft,
  type LibraryDraft,
  signAll,
} from './manifests.ts';

/**
 * What a rehearsal has wrong with a release. `unsigned`: nobody signed; `bad-signature`: valid in form, made by the right people over another
 * manifest; `wrong-digest`: the content is not what the manifest names; `single-approver`: only the first signer signs.
 */
export type Flaw = 'none' | 'unsigned' | 'bad-signature' | 'wrong-digest' | 'single-approver';

/** A library with the manifest that people signed. */
export interface SignedLibrary {
  readonly manifest: LibraryManifest;
  readonly contentBytes: Uint8Array;
}

/** A firmware package with the manifest that its vendor and the hospital signed. */
export interface SignedFirmware {
  readonly manifest: FirmwareManifest;
  readonly packageBytes: Uint8Array;
}

/**
 * A signed library as a rehearsal wants it.
 *
 * @throws PumprangeError `PR_RELEASE_INVALID`
 */
export async function signLibrary(
  draft: LibraryDraft,
  signers: readonly Signer[],
  settling: Settling,
  flaw: Flaw = 'none',
): Promise<SignedLibrary> {
  const manifest = await flawedManifest(draftLibraryManifest(draft), signers, settling, flaw);
  return {
    manifest,
    contentBytes: flaw === 'wrong-digest' ? altered(draft.contentBytes) : draft.contentBytes,
  };
}

/**
 * A signed package as a rehearsal wants it.
 *
 * @throws PumprangeError `PR_RELEASE_INVALID`
 */
export async function signFirmware(
  draft: FirmwareDraft,
  signers: readonly Signer[],
  settling: Settling,
  flaw: Flaw = 'none',
): Promise<SignedFirmware> {
  const manifest = await flawedManifest(draftFirmwareManifest(draft), signers, settling, flaw);
  return {
    manifest,
    packageBytes: flaw === 'wrong-digest' ? altered(draft.packageBytes) : draft.packageBytes,
  };
}

async function flawedManifest<M extends LibraryManifest | FirmwareManifest>(
  manifest: M,
  signers: readonly Signer[],
  settling: Settling,
  flaw: Flaw,
): Promise<M> {
  switch (flaw) {
    case 'unsigned':
      return manifest;
    case 'single-approver':
      return signAll(manifest, signers.slice(0, 1), settling);
    case 'bad-signature': {
      const other = { ...manifest, digest: digestOf(Buffer.from(manifest.digest)) };
      const { signatures } = await signAll(other, signers, settling);
      return { ...manifest, signatures };
    }
    case 'wrong-digest':
    case 'none':
      return signAll(manifest, signers, settling);
  }
}

/** The same bytes but for one bit: what a manifest that lies is about. */
function altered(content: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(content);
  const middle = copy.length >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}
