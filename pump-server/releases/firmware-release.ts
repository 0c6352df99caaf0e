import type { Settling } from '../../clock/index.ts';
import {
  type Composer,
  type FirmwareReleaseMessage,
  firmwareReleaseMessage,
  type Signer,
} from '../../protocol/index.ts';
import { type Artifacts, digestOf } from '../artifacts.ts';
import { altered, checkedManifest, signAll } from './sign-release.ts';

export interface FirmwareRelease {
  readonly model: string;
  readonly firmwareVersion: string;
  /** Absent: the next free one of the model. */
  readonly sequence?: number;
  readonly securityEpoch: number;
  readonly packageBytes: Uint8Array;
  readonly notAfterMs: number;
  /** Serial numbers that may take it now; absent: all of the model. */
  readonly wave?: readonly string[];
  readonly vendor: Signer;
  /** Who accepts the package for the hospital. */
  readonly hospital: Signer;
  /**
   * What a rehearsal has wrong with it. `unsigned`: nobody signed; `bad-signature`: valid in form, made over another manifest;
   * `wrong-digest`: the package is not what the manifest names.
   */
  readonly tamper?: 'none' | 'unsigned' | 'bad-signature' | 'wrong-digest';
}

/**
 * Builds the signed manifest of a firmware package and keeps the package. Signing is held work.
 *
 * @throws PumprangeError `PR_RELEASE_INVALID`
 */
export async function buildFirmwareRelease(
  release: FirmwareRelease & { readonly sequence: number },
  composer: Composer,
  artifacts: Artifacts,
  settling: Settling,
): Promise<FirmwareReleaseMessage> {
  const { packageBytes, tamper = 'none' } = release;
  const digest = digestOf(packageBytes);
  const manifest = checkedManifest(
    firmwareReleaseMessage,
    composer.compose('firmware-release', {
      model: release.model,
      firmwareVersion: release.firmwareVersion,
      sequence: release.sequence,
      securityEpoch: release.securityEpoch,
      digest,
      sizeBytes: packageBytes.length,
      notAfter: new Date(release.notAfterMs).toISOString(),
      ...(release.wave === undefined ? {} : { wave: [...release.wave] }),
    }),
  );
  artifacts.keep(tamper === 'wrong-digest' ? altered(packageBytes) : packageBytes, digest);
  const signers = [release.vendor, release.hospital];
  switch (tamper) {
    case 'unsigned':
      return manifest;
    case 'bad-signature': {
      const other = { ...manifest, body: { ...manifest.body, digest: digestOf(altered(packageBytes)) } };
      const { signatures } = await signAll(other, signers, settling);
      return { ...manifest, signatures };
    }
    case 'wrong-digest':
    case 'none':
      return signAll(manifest, signers, settling);
  }
}
