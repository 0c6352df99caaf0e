import { readFileSync } from 'node:fs';
import { type HeapClock, unsettled } from '../../../clock/index.ts';
import { createMemoryPki, type Pki } from '../../../pki/index.ts';
import type { FirmwareReleaseMessage, LibraryReleaseMessage, Signer } from '../../../protocol/index.ts';
import {
  type FirmwareDraft,
  type Flaw,
  type LibraryDraft,
  signFirmware,
  signLibrary,
} from '../../../pump-server/index.ts';
import { loadPersonalities } from '../../../simulator/firmware/index.ts';
import { samplePackage } from '../../helpers/firmware.ts';
import type { Bench } from '../fake-link.ts';

export const DAY_MS = 86_400_000;

const LIBRARY = readFileSync('simulator/drug-library/samples/adult-icu.json');
export const PERSONALITIES = loadPersonalities('simulator/firmware/personalities');
export const NEWER = PERSONALITIES.find(({ model, version }) => model === 'lvp' && version === '1.1.0')!;

const sites = new WeakMap<HeapClock, Pki>();

/** One PKI a bench. */
export function siteOf(clock: HeapClock): Pki {
  const site = sites.get(clock) ?? createMemoryPki({ clock });
  sites.set(clock, site);
  return site;
}

export function libraryDraft(clock: HeapClock): LibraryDraft {
  return {
    libraryId: 'adult-icu',
    version: '1.0.0',
    sequence: 1,
    careArea: 'adult-icu',
    models: ['lvp'],
    minimumFirmware: '1.0.0',
    contentBytes: LIBRARY,
    notAfterMs: clock.now() + 30 * DAY_MS,
  };
}

export function pharmacists(clock: HeapClock): readonly Signer[] {
  const site = siteOf(clock);
  return ['pharmacist-01', 'pharmacist-02'].map((id) => site.credentialFor({ kind: 'pharmacist', id }));
}

export function firmwareDraft(clock: HeapClock): FirmwareDraft {
  return {
    model: 'lvp',
    firmwareVersion: NEWER.version,
    sequence: 1,
    securityEpoch: NEWER.securityEpoch,
    dependencies: NEWER.dependencies,
    packageBytes: samplePackage(NEWER, 1_000),
    notAfterMs: clock.now() + 30 * DAY_MS,
  };
}

/** The vendor, and who accepts for the hospital. */
export function firmwareSigners(clock: HeapClock): readonly Signer[] {
  const site = siteOf(clock);
  return [
    site.credentialFor({ kind: 'vendor', id: 'vendor-01' }, 'firmware-signer'),
    site.credentialFor({ kind: 'biomed', id: 'biomed-01' }),
  ];
}

/** The library of this folder, changed as told, signed and released. */
export async function releaseLibrary(
  { server, clock }: Bench,
  change: Partial<LibraryDraft> & { readonly signers?: readonly Signer[]; readonly flaw?: Flaw } = {},
): Promise<LibraryReleaseMessage> {
  const { signers = pharmacists(clock), flaw = 'none', ...draft } = change;
  const signed = await signLibrary({ ...libraryDraft(clock), ...draft }, signers, unsettled, flaw);
  return server.releaseLibrary(signed, { unchecked: flaw !== 'none' });
}

/** The same for firmware. */
export async function releaseFirmware(
  { server, clock }: Bench,
  change: Partial<FirmwareDraft> & { readonly wave?: readonly string[]; readonly flaw?: Flaw } = {},
): Promise<FirmwareReleaseMessage> {
  const { wave, flaw = 'none', ...draft } = change;
  const signed = await signFirmware(
    { ...firmwareDraft(clock), ...draft },
    firmwareSigners(clock),
    unsettled,
    flaw,
  );
  return server.releaseFirmware(signed, { unchecked: flaw !== 'none', ...(wave && { wave }) });
}
