import { readFileSync } from 'node:fs';
import type { HeapClock } from '../../../clock/index.ts';
import { createMemoryPki, type Pki } from '../../../pki/index.ts';
import { buildFirmwarePackage } from '../../../protocol/firmware/index.ts';
import type { FirmwareRelease, LibraryRelease } from '../../../pump-server/index.ts';
import { loadPersonalities } from '../../../simulator/firmware/index.ts';

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

export function libraryRelease(clock: HeapClock): LibraryRelease {
  const site = siteOf(clock);
  return {
    libraryId: 'adult-icu',
    version: '1.0.0',
    sequence: 1,
    careArea: 'adult-icu',
    models: ['lvp'],
    minimumFirmware: '1.0.0',
    contentBytes: LIBRARY,
    notAfterMs: clock.now() + 30 * DAY_MS,
    signers: ['pharmacist-01', 'pharmacist-02'].map((id) => site.credentialFor({ kind: 'pharmacist', id })),
  };
}

export function firmwareRelease(clock: HeapClock): FirmwareRelease {
  const site = siteOf(clock);
  return {
    model: 'lvp',
    firmwareVersion: NEWER.version,
    securityEpoch: NEWER.securityEpoch,
    packageBytes: buildFirmwarePackage(NEWER, 1_000),
    notAfterMs: clock.now() + 30 * DAY_MS,
    vendor: site.credentialFor({ kind: 'vendor', id: 'vendor-01' }, 'firmware-signer'),
    hospital: site.credentialFor({ kind: 'biomed', id: 'biomed-01' }),
  };
}
