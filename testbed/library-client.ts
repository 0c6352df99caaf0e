import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type IdentityUrn, type LibraryManifest, PumprangeError } from '../protocol/index.ts';
import {
  AdoptionRegister,
  type AdoptionReport,
  adoptionReport,
  adoptionReportSchema,
  readAdoptionStore,
  STORE_FILE,
  stragglersAmong,
} from '../pump-server/index.ts';
import { connectControl } from './control-client.ts';
import { LARGEST_PART_BYTES } from './library-desk.ts';

const releasedSchema = z.object({ careArea: z.string(), libraryVersion: z.string(), sequence: z.int() });
const pageSchema = adoptionReportSchema.omit({ stragglers: true }).extend({ pumpsInAll: z.int() });

/**
 * Transfers an approved library to the ward that runs on a folder, whose server releases it.
 *
 * @throws PumprangeError what the server refuses with; `PR_WARD_NOT_RUNNING`
 */
export async function transferLibrary(
  dir: string,
  { manifest, contentBytes }: { readonly manifest: LibraryManifest; readonly contentBytes: Uint8Array },
  by: IdentityUrn,
): Promise<z.infer<typeof releasedSchema>> {
  const client = await connectControl(dir, () => undefined);
  try {
    for (let from = 0; from < contentBytes.length; from += LARGEST_PART_BYTES) {
      const part = contentBytes.subarray(from, from + LARGEST_PART_BYTES);
      await client.call('library.part', { content: Buffer.from(part).toString('base64') });
    }
    return releasedSchema.parse(await client.call('library.release', { manifest, by }));
  } finally {
    client.close();
  }
}

/**
 * Which pump of a folder has which library: from the ward that runs there, or else from what it has left.
 *
 * @throws PumprangeError `PR_WARD_NOT_RUNNING` if there is neither; `PR_EVENT_STORE_INVALID`, `PR_DISK`
 */
export async function libraryAdoption(dir: string): Promise<AdoptionReport> {
  try {
    return await fromWard(dir);
  } catch (error) {
    const isDown = error instanceof PumprangeError && error.code === 'PR_WARD_NOT_RUNNING';
    const path = join(dir, STORE_FILE);
    if (!isDown || !existsSync(path)) throw error;
    const { releases, adoption } = readAdoptionStore(path);
    return adoptionReport(new AdoptionRegister(adoption), releases.releases(), {
      source: 'store',
      nowMs: Date.now(),
    });
  }
}

/** The number that the next release for a care area takes, as far as a server has been on this folder; at least `least`. */
export function nextLibrarySequence(dir: string, careArea: string, least: number): number {
  const path = join(dir, STORE_FILE);
  if (!existsSync(path)) return least;
  const taken = readAdoptionStore(path)
    .releases.releases()
    .filter((release) => release.kind === 'library' && release.manifest.careArea === careArea)
    .map(({ manifest }) => manifest.sequence);
  return Math.max(least, ...taken.map((sequence) => sequence + 1));
}

async function fromWard(dir: string): Promise<AdoptionReport> {
  const client = await connectControl(dir, () => undefined);
  try {
    const pumps: AdoptionReport['pumps'] = [];
    for (;;) {
      const page = pageSchema.parse(await client.call('library.adoption', { from: pumps.length }));
      const { pumpsInAll, pumps: some, ...rest } = page;
      pumps.push(...some);
      if (some.length === 0 || pumps.length >= pumpsInAll) {
        return { ...rest, pumps, stragglers: stragglersAmong(pumps) };
      }
    }
  } finally {
    client.close();
  }
}
