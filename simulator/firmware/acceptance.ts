import {
  type Component,
  type FirmwarePersonality,
  isEffective,
  readFirmwarePackage,
  sameDependencies,
  unmetDependency,
} from '../../protocol/firmware/index.ts';
import type { ControlId, FirmwareManifest, Identity } from '../../protocol/index.ts';
import { contentMismatch } from './content.ts';

/** What a pump knows when it judges the manifest of a package, before it fetches anything. */
export interface OfferedFirmware {
  readonly manifest: FirmwareManifest;
  /** Who signed the manifest, each signature already verified. */
  readonly signers: readonly { readonly identity: Identity }[];
  readonly running: {
    readonly personality: FirmwarePersonality;
    /** The highest security epoch that this pump has ever run. */
    readonly highestEpoch: number;
    /** What this pump has whatever firmware it runs. */
    readonly residentComponents: readonly Component[];
  };
  readonly controls: ReadonlySet<ControlId>;
  readonly nowMs: number;
}

/** The same with the package itself. */
export interface FirmwareOffer extends OfferedFirmware {
  readonly packageBytes: Uint8Array;
}

export interface FirmwareRefusal {
  readonly accepted: false;
  /** `null` where the package is simply not for this pump, or is none. */
  readonly control: ControlId | null;
  readonly reason: string;
}
export type FirmwareVerdict =
  | { readonly accepted: true; readonly personality: FirmwarePersonality }
  | FirmwareRefusal;

/**
 * What speaks against a package by its manifest alone; `undefined`: nothing. The one place of `signed-firmware`,
 * `hospital-countersignature` and `anti-rollback`; model and dependencies are checked in every posture.
 */
export function refuseFirmwareManifest(offer: OfferedFirmware): FirmwareRefusal | undefined {
  const { manifest } = offer;
  const { personality: running, highestEpoch } = offer.running;
  const on = (control: ControlId): boolean => isEffective(control, offer.controls, running.weaknesses);
  const signedBy = (kind: Identity['kind']): boolean =>
    offer.signers.some(({ identity }) => identity.kind === kind);

  if (manifest.model !== running.model) {
    return refuse(null, `for the model ${manifest.model}, this is ${running.model}`);
  }
  if (on('signed-firmware') && !signedBy('vendor')) {
    return refuse('signed-firmware', 'no valid signature of the vendor');
  }
  if (on('hospital-countersignature') && !signedBy('biomed')) {
    return refuse('hospital-countersignature', 'no valid signature of biomedical engineering');
  }
  if (on('anti-rollback')) {
    if (manifest.securityEpoch < highestEpoch) {
      return refuse('anti-rollback', `security epoch ${manifest.securityEpoch} is below ${highestEpoch}`);
    }
    // A release past its date is a replay of an old offer.
    if (Date.parse(manifest.notAfter) <= offer.nowMs) {
      return refuse('anti-rollback', `the release expired at ${manifest.notAfter}`);
    }
  }
  const provided = [...offer.running.residentComponents, ...running.components];
  const unmet = unmetDependency(manifest.dependencies ?? [], provided);
  return unmet === undefined ? undefined : refuse(null, unmet);
}

/** Judges an offered firmware package: its manifest again, digest, size and form. */
export function acceptFirmware(offer: FirmwareOffer): FirmwareVerdict {
  const { manifest, packageBytes, controls, running } = offer;
  const refused = refuseFirmwareManifest(offer);
  if (refused !== undefined) return refused;
  const badBytes = contentMismatch(packageBytes, manifest);
  if (badBytes !== undefined) {
    // What refutes the bytes is the digest that the vendor signed; without a signature it is only a checksum.
    const isSigned = isEffective('signed-firmware', controls, running.personality.weaknesses);
    return refuse(isSigned ? 'signed-firmware' : null, badBytes);
  }
  const read = readFirmwarePackage(packageBytes);
  if (read.personality === null) return refuse(null, read.reason);
  const { personality } = read;
  if (
    personality.model !== manifest.model ||
    personality.version !== manifest.firmwareVersion ||
    personality.securityEpoch !== manifest.securityEpoch ||
    !sameDependencies(personality.dependencies, manifest.dependencies ?? [])
  ) {
    return refuse(null, 'the package is another than the manifest says');
  }
  return { accepted: true, personality };
}

function refuse(control: ControlId | null, reason: string): FirmwareRefusal {
  return { accepted: false, control, reason };
}
