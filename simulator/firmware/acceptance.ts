import { type FirmwarePersonality, isEffective, readFirmwarePackage } from '../../protocol/firmware/index.ts';
import type { ControlId, FirmwareReleaseMessage, Identity } from '../../protocol/index.ts';
import { contentMismatch } from './content.ts';

/** What a pump knows when it judges a package. */
export interface FirmwareOffer {
  readonly release: FirmwareReleaseMessage;
  readonly packageBytes: Uint8Array;
  /** Who signed the release, each signature already verified. */
  readonly signers: readonly { readonly identity: Identity }[];
  readonly running: {
    readonly serial: string;
    readonly personality: FirmwarePersonality;
    /** The highest security epoch that this pump has ever run. */
    readonly highestEpoch: number;
  };
  readonly controls: ReadonlySet<ControlId>;
  readonly nowMs: number;
}

export type FirmwareVerdict =
  | { readonly accepted: true; readonly personality: FirmwarePersonality }
  /** `control` is `null` where the package is simply not for this pump, or is none. */
  | { readonly accepted: false; readonly control: ControlId | null; readonly reason: string };

/**
 * Judges an offered firmware package. The one place of `signed-firmware`, `hospital-countersignature` and
 * `anti-rollback`; digest, size, model and form are checked in every posture.
 */
export function acceptFirmware(offer: FirmwareOffer): FirmwareVerdict {
  const { body } = offer.release;
  const { personality: running, highestEpoch, serial } = offer.running;
  const on = (control: ControlId): boolean => isEffective(control, offer.controls, running.weaknesses);
  const signedBy = (kind: Identity['kind']): boolean =>
    offer.signers.some(({ identity }) => identity.kind === kind);

  if (body.model !== running.model)
    return refuse(null, `for the model ${body.model}, this is ${running.model}`);
  if (body.wave !== undefined && !body.wave.includes(serial)) return refuse(null, 'not in this wave');
  if (on('signed-firmware') && !signedBy('vendor')) {
    return refuse('signed-firmware', 'no valid signature of the vendor');
  }
  if (on('hospital-countersignature') && !signedBy('biomed')) {
    return refuse('hospital-countersignature', 'no valid signature of biomedical engineering');
  }
  const badBytes = contentMismatch(offer.packageBytes, body);
  // What refutes the bytes is the digest that the vendor signed; without a signature it is only a checksum.
  if (badBytes !== undefined) return refuse(on('signed-firmware') ? 'signed-firmware' : null, badBytes);
  if (on('anti-rollback')) {
    if (body.securityEpoch < highestEpoch) {
      return refuse('anti-rollback', `security epoch ${body.securityEpoch} is below ${highestEpoch}`);
    }
    // A release past its date is a replay of an old offer.
    if (Date.parse(body.notAfter) <= offer.nowMs) {
      return refuse('anti-rollback', `the release expired at ${body.notAfter}`);
    }
  }
  const read = readFirmwarePackage(offer.packageBytes);
  if (read.personality === null) return refuse(null, read.reason);
  const { personality } = read;
  if (
    personality.model !== body.model ||
    personality.version !== body.firmwareVersion ||
    personality.securityEpoch !== body.securityEpoch
  ) {
    return refuse(null, 'the package is another than the release says');
  }
  return { accepted: true, personality };
}

function refuse(control: ControlId | null, reason: string): FirmwareVerdict {
  return { accepted: false, control, reason };
}
