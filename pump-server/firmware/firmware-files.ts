import { basename, dirname, join } from 'node:path';
import { readJsonEntry } from '../../protocol/firmware/index.ts';
import { type FirmwareManifest, firmwareManifest, PumprangeError } from '../../protocol/index.ts';
import { readBounded } from '../read-bounded.ts';
import type { SignedFirmware } from '../releases/flawed-release.ts';

/** A manifest with eight signatures has some 50 KB. */
const LONGEST_MANIFEST_BYTES = 256 * 1024;
/** The largest package that a pump has room for, and what surrounds its content. */
const LARGEST_PACKAGE_BYTES = 65 * 1024 * 1024;
const MANIFEST_END = '.manifest.json';
const PACKAGE_END = '.zip';

/** The files of one firmware artefact, which lie beside each other. */
export interface FirmwareFiles {
  readonly manifest: string;
  readonly package: string;
}

/** What the files of a version are called in a folder. */
export function firmwareFileNames(folder: string, model: string, version: string): FirmwareFiles {
  const base = join(folder, `firmware-${model}-${version}`);
  return { manifest: `${base}${MANIFEST_END}`, package: `${base}${PACKAGE_END}` };
}

/**
 * The files that belong to one of them.
 *
 * @throws PumprangeError `PR_FIRMWARE_INVALID` for a name of another kind
 */
export function firmwareFilesOf(path: string): FirmwareFiles {
  const name = basename(path);
  const end = [MANIFEST_END, PACKAGE_END].find((one) => name.endsWith(one) && name.length > one.length);
  if (end === undefined) {
    throw new PumprangeError(
      'PR_FIRMWARE_INVALID',
      `${path}: a manifest ends in ${MANIFEST_END}, a package in ${PACKAGE_END}`,
    );
  }
  const base = join(dirname(path), name.slice(0, -end.length));
  return { manifest: `${base}${MANIFEST_END}`, package: `${base}${PACKAGE_END}` };
}

/** @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_FIRMWARE_INVALID` with the line or the place */
export function readFirmwareManifest(path: string): FirmwareManifest {
  const bytes = readBounded(path, {
    what: 'a manifest',
    mostBytes: LONGEST_MANIFEST_BYTES,
    code: 'PR_FIRMWARE_INVALID',
  });
  const read = readJsonEntry(path, bytes, firmwareManifest, LONGEST_MANIFEST_BYTES);
  if (read.ok) return read.value;
  throw new PumprangeError('PR_FIRMWARE_INVALID', read.reason);
}

/**
 * A signed artefact as it lies on disk, for `PumpServer.releaseFirmware`. Nothing is judged here: whether the bytes are those of the manifest
 * the release desk says, and whether the signatures hold each pump.
 *
 * @param path its manifest or its package
 * @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_FIRMWARE_INVALID`
 */
export function readFirmwareFiles(path: string): SignedFirmware {
  const files = firmwareFilesOf(path);
  return {
    manifest: readFirmwareManifest(files.manifest),
    packageBytes: readBounded(files.package, {
      what: 'a package',
      mostBytes: LARGEST_PACKAGE_BYTES,
      code: 'PR_FIRMWARE_INVALID',
    }),
  };
}
