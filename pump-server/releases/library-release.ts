import type { Settling } from '../../clock/index.ts';
import {
  type Composer,
  type LibraryReleaseMessage,
  libraryReleaseMessage,
  type Signer,
} from '../../protocol/index.ts';
import { type Artifacts, digestOf } from '../artifacts.ts';
import { altered, checkedManifest, signAll } from './sign-release.ts';

export interface LibraryRelease {
  readonly libraryId: string;
  readonly version: string;
  /** Absent: the next free one of the care area. A pump wants it to be the library's own. */
  readonly sequence?: number;
  readonly careArea: string;
  readonly models: readonly string[];
  readonly minimumFirmware: string;
  readonly contentBytes: Uint8Array;
  readonly notAfterMs: number;
  /** The pharmacists who approve it, each with a key of their own. */
  readonly signers: readonly Signer[];
  /**
   * What a rehearsal has wrong with it. `bad-signature`: valid in form, made over another manifest; `wrong-digest`: the
   * content is not what the manifest names; `single-approver`: only the first signer signs.
   */
  readonly tamper?: 'none' | 'bad-signature' | 'wrong-digest' | 'single-approver';
}

/**
 * Builds the signed manifest of a drug library and keeps the content. Signing is held work.
 *
 * @throws PumprangeError `PR_RELEASE_INVALID`
 */
export async function buildLibraryRelease(
  release: LibraryRelease & { readonly sequence: number },
  composer: Composer,
  artifacts: Artifacts,
  settling: Settling,
): Promise<LibraryReleaseMessage> {
  const { contentBytes, tamper = 'none' } = release;
  const digest = digestOf(contentBytes);
  const manifest = checkedManifest(
    libraryReleaseMessage,
    composer.compose('library-release', {
      library: release.libraryId,
      sequence: release.sequence,
      libraryVersion: release.version,
      careArea: release.careArea,
      models: [...release.models],
      minimumFirmware: release.minimumFirmware,
      digest,
      sizeBytes: contentBytes.length,
      notAfter: new Date(release.notAfterMs).toISOString(),
    }),
  );
  artifacts.keep(tamper === 'wrong-digest' ? altered(contentBytes) : contentBytes, digest);
  switch (tamper) {
    case 'bad-signature': {
      // Well formed, and made by the right people, but over another manifest than the one that is sent.
      const other = { ...manifest, body: { ...manifest.body, digest: digestOf(altered(contentBytes)) } };
      const { signatures } = await signAll(other, release.signers, settling);
      return { ...manifest, signatures };
    }
    case 'single-approver':
      return signAll(manifest, release.signers.slice(0, 1), settling);
    case 'wrong-digest':
    case 'none':
      return signAll(manifest, release.signers, settling);
  }
}
