import { type DrugLibrary, readLibrary } from '../../protocol/drug-library/index.ts';
import { compareVersions, isEffective, type WeaknessId } from '../../protocol/firmware/index.ts';
import { type ControlId, type Identity, type LibraryReleaseMessage, urnOf } from '../../protocol/index.ts';
import { contentMismatch } from '../firmware/index.ts';

/** What a pump knows when it judges a library. */
export interface LibraryOffer {
  readonly release: LibraryReleaseMessage;
  readonly contentBytes: Uint8Array;
  /** Who signed the release, each signature already verified. */
  readonly signers: readonly { readonly identity: Identity }[];
  readonly running: {
    readonly careArea: string;
    readonly model: string;
    readonly firmwareVersion: string;
    /** Of the library in use or pending, whichever is higher; `null` without one. */
    readonly sequence: number | null;
  };
  readonly controls: ReadonlySet<ControlId>;
  /** Of the running firmware. */
  readonly weaknesses: readonly WeaknessId[];
  readonly nowMs: number;
}

export type LibraryVerdict =
  | { readonly accepted: true; readonly library: DrugLibrary }
  /** `control` is `null` where the library is simply not for this pump, or is none. */
  | { readonly accepted: false; readonly control: ControlId | null; readonly reason: string };

/**
 * Judges an offered drug library. The one place of `signed-library`, `dual-approval` and `release-expiry`; digest,
 * size, form, care area, model and minimum firmware are checked in every posture.
 */
export function acceptLibrary(offer: LibraryOffer): LibraryVerdict {
  const { body } = offer.release;
  const { running } = offer;
  const on = (control: ControlId): boolean => isEffective(control, offer.controls, offer.weaknesses);

  const misfit = misfitOf(offer);
  if (misfit !== undefined) return refuse(null, misfit);
  // Two signatures of one person are one approval.
  const approvers = new Set(
    offer.signers
      .filter(({ identity }) => identity.kind === 'pharmacist')
      .map(({ identity }) => urnOf(identity)),
  ).size;
  if (on('signed-library') && approvers < 1) {
    return refuse('signed-library', 'no valid signature of a pharmacist');
  }
  if (on('dual-approval') && approvers < 2) {
    return refuse('dual-approval', `${approvers} of 2 different pharmacists signed`);
  }
  const badBytes = contentMismatch(offer.contentBytes, body);
  // What refutes the bytes is the digest that was signed; without a signature it is only a checksum.
  if (badBytes !== undefined) return refuse(on('signed-library') ? 'signed-library' : null, badBytes);
  if (on('release-expiry')) {
    if (Date.parse(body.notAfter) <= offer.nowMs) {
      return refuse('release-expiry', `the release expired at ${body.notAfter}`);
    }
    if (running.sequence !== null && body.sequence < running.sequence) {
      return refuse('release-expiry', `sequence ${body.sequence} is before ${running.sequence}`);
    }
  }
  const read = readLibrary(offer.contentBytes);
  if (read.library === null) return refuse(null, read.reason);
  const { library } = read;
  if (
    library.id !== body.library ||
    library.version !== body.libraryVersion ||
    library.sequence !== body.sequence ||
    library.careArea !== body.careArea
  ) {
    return refuse(null, 'the library is another than the release says');
  }
  return { accepted: true, library };
}

function misfitOf({ release: { body }, running }: LibraryOffer): string | undefined {
  if (body.careArea !== running.careArea) {
    return `for the care area ${body.careArea}, this pump is in ${running.careArea}`;
  }
  if (!body.models.includes(running.model)) return `not for the model ${running.model}`;
  if (compareVersions(running.firmwareVersion, body.minimumFirmware) < 0) {
    return `needs firmware ${body.minimumFirmware}, ${running.firmwareVersion} is running`;
  }
  return undefined;
}

function refuse(control: ControlId | null, reason: string): LibraryVerdict {
  return { accepted: false, control, reason };
}
