import { mkdirSync } from 'node:fs';
import { unsettled } from '../clock/index.ts';
import type { Pki } from '../pki/index.ts';
import { type FirmwareManifest, type Identity, PumprangeError, sameIdentity } from '../protocol/index.ts';
import {
  buildFirmwareArtefact,
  draftFirmwareManifest,
  type FirmwareFiles,
  type FirmwareFinding,
  firmwareFileNames,
  firmwareFilesOf,
  readFirmwareFiles,
  signAll,
  validSigners,
  verifyFirmware,
} from '../pump-server/index.ts';
import type { WardData } from './data.ts';
import { writeFileWhole } from './files.ts';
import { personalityOf } from './fleet.ts';

const DAY_MS = 24 * 3_600_000;

export interface BuildOptions {
  readonly model: string;
  readonly version: string;
  /** The image, or the size of a filler in bytes. */
  readonly payload: Uint8Array | number;
  /** Counts up with each release of a model. */
  readonly sequence: number;
  readonly validDays: number;
  readonly out: string;
  readonly nowMs: number;
}

/**
 * Builds a version as its vendor does: a package, and a manifest that nobody has signed.
 *
 * @throws PumprangeError `PR_MODEL_INVALID` if there is no such version, `PR_DISK`
 */
export async function buildFirmware(data: WardData, options: BuildOptions): Promise<FirmwareFiles> {
  const { model, version, payload, sequence, validDays, out, nowMs } = options;
  const personality = personalityOf(data, model, version);
  const { packageBytes } = await buildFirmwareArtefact(personality, payload);
  const manifest = draftFirmwareManifest({
    model,
    firmwareVersion: version,
    sequence,
    securityEpoch: personality.securityEpoch,
    dependencies: personality.dependencies,
    packageBytes,
    notAfterMs: nowMs + validDays * DAY_MS,
  });
  mkdirSync(out, { recursive: true });
  const files = firmwareFileNames(out, model, version);
  writeFileWhole(files.package, Buffer.from(packageBytes));
  writeManifest(files.manifest, manifest);
  return files;
}

/**
 * Signs a manifest as the vendor. The package must lie beside it: nobody should sign what he cannot look at.
 *
 * @throws PumprangeError `PR_FIRMWARE_INVALID` if the package is another one, he has signed already, or was revoked
 */
export async function signFirmwareFile(path: string, id: string, pki: Pki, nowMs: number): Promise<void> {
  await addSignature(path, { kind: 'vendor', id }, pki, nowMs);
}

/**
 * Accepts a package for the hospital: biomedical engineering signs what a vendor signed validly.
 *
 * @throws PumprangeError as `signFirmwareFile`, and where no vendor's signature holds
 */
export async function acceptFirmwareFile(path: string, id: string, pki: Pki, nowMs: number): Promise<void> {
  const { manifest } = readFirmwareFiles(path);
  const signers = validSigners(manifest, pki.judge({ revocation: true }), nowMs);
  if (!signers.some(({ kind }) => kind === 'vendor')) {
    throw new PumprangeError('PR_FIRMWARE_INVALID', `${path}: no valid signature of a vendor to accept`);
  }
  await addSignature(path, { kind: 'biomed', id }, pki, nowMs);
}

/** What holds of an artefact and what does not. @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_FIRMWARE_INVALID` */
export function verifyFirmwareFile(
  path: string,
  pki: Pki,
  nowMs: number,
): Promise<readonly FirmwareFinding[]> {
  return verifyFirmware(readFirmwareFiles(path), pki.judge({ revocation: true }), nowMs);
}

async function addSignature(path: string, by: Identity, pki: Pki, nowMs: number): Promise<void> {
  const { manifest, packageBytes } = readFirmwareFiles(path);
  const drafted = draftFirmwareManifest({
    ...manifest,
    dependencies: manifest.dependencies ?? [],
    notAfterMs: Date.parse(manifest.notAfter),
    packageBytes,
  });
  if (drafted.digest !== manifest.digest || drafted.sizeBytes !== manifest.sizeBytes) {
    throw new PumprangeError('PR_FIRMWARE_INVALID', `${path}: the package beside it is another than it says`);
  }
  const signers = validSigners(manifest, pki.judge({ revocation: true }), nowMs);
  if (signers.some((one) => sameIdentity(one, by))) {
    throw new PumprangeError('PR_FIRMWARE_INVALID', `${path}: ${by.kind} ${by.id} has signed it already`);
  }
  // The authority would issue another certificate; who was revoked must not be let in again by the way.
  if (pki.isBarred(by)) {
    throw new PumprangeError(
      'PR_FIRMWARE_INVALID',
      `${by.kind} ${by.id} was revoked and signs nothing any more`,
    );
  }
  const signer = pki.credentialFor(by, by.kind === 'vendor' ? 'firmware-signer' : undefined);
  writeManifest(firmwareFilesOf(path).manifest, await signAll(manifest, [signer], unsettled));
}

function writeManifest(path: string, manifest: FirmwareManifest): void {
  writeFileWhole(path, `${JSON.stringify(manifest, null, 2)}\n`);
}
