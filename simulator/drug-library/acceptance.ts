import { type DrugLibrary, readLibrary } from '../../protocol/drug-library/index.ts';
import { compareVersions, isEffective, type WeaknessId } from '../../protocol/firmware/index.ts';
import {
  type ControlId,
  type Identity,
  type LibraryCeiling,
  type LibraryManifest,
  urnOf,
} from '../../protocol/index.ts';
import { contentMismatch } from '../firmware/index.ts';
import { ruledOutByCeiling } from './ceiling.ts';

/** What a pump knows when it judges the manifest of a library, before it fetches anything. */
export interface OfferedLibrary {
  readonly manifest: LibraryManifest;
  /** Who signed the manifest, each signature already verified. */
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

/** The same with the library itself. */
export interface LibraryOffer extends OfferedLibrary {
  readonly contentBytes: Uint8Array;
  /** What stands above every library here; `null`: the pump knows none. */
  readonly ceiling: LibraryCeiling | null;
}

export interface LibraryRefusal {
  readonly accepted: false;
  /** `null` where the library is simply not for this pump, or is none. */
  readonly control: ControlId | null;
  readonly reason: string;
}
export type LibraryVerdict = { readonly accepted: true; readonly library: DrugLibrary } | LibraryRefusal;

/**
 * What speaks against a library by its manifest alone; `undefined`: nothing. The one place of `signed-library`, `dual-approval` and
 * `release-expiry`; care area, model and minimum firmware are checked in every posture.
 */
export function refuseLibraryManifest(offer: OfferedLibrary): LibraryRefusal | undefined {
  const { manifest, running, controls, weaknesses } = offer;
  const on = (control: ControlId): boolean => isEffective(control, controls, weaknesses);

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
  if (on('release-expiry')) {
    if (Date.parse(manifest.notAfter) <= offer.nowMs) {
      return refuse('release-expiry', `the release expired at ${manifest.notAfter}`);
    }
    if (running.sequence !== null && manifest.sequence < running.sequence) {
      return refuse('release-expiry', `sequence ${manifest.sequence} is before ${running.sequence}`);
    }
  }
  return undefined;
}

/** Judges an offered drug library: its manifest again, digest, size and form, and its limits against the ceiling. */
export function acceptLibrary(offer: LibraryOffer): LibraryVerdict {
  const { manifest, contentBytes, controls, weaknesses } = offer;
  const refused = refuseLibraryManifest(offer);
  if (refused !== undefined) return refused;
  const badBytes = contentMismatch(contentBytes, manifest);
  if (badBytes !== undefined) {
    // What refutes the bytes is the digest that was signed; without a signature it is only a checksum.
    return refuse(isEffective('signed-library', controls, weaknesses) ? 'signed-library' : null, badBytes);
  }
  const read = readLibrary(contentBytes);
  if (read.library === null) return refuse(null, read.reason);
  const { library } = read;
  if (
    library.id !== manifest.library ||
    library.version !== manifest.libraryVersion ||
    library.sequence !== manifest.sequence ||
    library.careArea !== manifest.careArea
  ) {
    return refuse(null, 'the library is another than the manifest says');
  }
  // Anything but a released one is not for human use, whoever signed it.
  if (library.status !== 'released') return refuse(null, `its status is ${library.status}, not released`);
  const ruledOut = ruledOutByCeiling(library, offer.ceiling, offer);
  if (ruledOut !== undefined) return refuse('library-ceiling', ruledOut);
  return { accepted: true, library };
}

function misfitOf({ manifest, running }: OfferedLibrary): string | undefined {
  if (manifest.careArea !== running.careArea) {
    return `for the care area ${manifest.careArea}, this pump is in ${running.careArea}`;
  }
  if (!manifest.models.includes(running.model)) return `not for the model ${running.model}`;
  if (compareVersions(running.firmwareVersion, manifest.minimumFirmware) < 0) {
    return `needs firmware ${manifest.minimumFirmware}, ${running.firmwareVersion} is running`;
  }
  return undefined;
}

function refuse(control: ControlId | null, reason: string): LibraryRefusal {
  return { accepted: false, control, reason };
}
