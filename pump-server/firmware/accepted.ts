import { type CertificateJudge, type FirmwareManifest, PumprangeError } from '../../protocol/index.ts';
import { validSigners } from './verify.ts';

/**
 * What the server of an honest hospital asks before it offers a package: that a vendor signed it and biomedical engineering accepted it.
 *
 * @throws PumprangeError `PR_FIRMWARE_INVALID`
 */
export function checkAccepted(manifest: FirmwareManifest, judge: CertificateJudge, nowMs: number): void {
  const kinds = new Set(validSigners(manifest, judge, nowMs).map(({ kind }) => kind));
  const { model, firmwareVersion } = manifest;
  if (!kinds.has('vendor')) {
    throw new PumprangeError('PR_FIRMWARE_INVALID', `no vendor has signed ${model} ${firmwareVersion}`);
  }
  if (!kinds.has('biomed')) {
    throw new PumprangeError(
      'PR_FIRMWARE_INVALID',
      `biomedical engineering has not accepted ${model} ${firmwareVersion}; see \`pumprange firmware accept\``,
    );
  }
}
