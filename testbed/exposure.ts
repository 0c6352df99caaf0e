import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PumprangeError } from '../protocol/index.ts';
import {
  type AvailableBuild,
  billBuild,
  type ExposureReport,
  exposureReport,
  exposuresOf,
  type InventoriedPump,
  type InventoryEntry,
  loadAdvisories,
  loadInventory,
} from '../pump-server/index.ts';
import { connectControl } from './control-client.ts';
import type { WardData } from './data.ts';
import { HOUSE } from './environment.ts';

export interface ExposureOptions {
  /** A file, or the ward that runs on a folder. */
  readonly inventory: { readonly file: string } | { readonly ward: string };
  /** Absent: those that are shipped. */
  readonly advisories?: string | undefined;
  /** Bills of materials of versions that are not shipped: CycloneDX, JSON. */
  readonly bills: readonly string[];
  /** Model → version; absent: what the plan itself leads to. */
  readonly plan?: ReadonlyMap<string, string> | undefined;
}

/**
 * Which pumps are exposed to what.
 *
 * @throws PumprangeError `PR_EXPOSURE_INVALID`, `PR_FILE_UNREADABLE`, `PR_WARD_NOT_RUNNING`
 */
export async function exposureOf(data: WardData, options: ExposureOptions): Promise<ExposureReport> {
  const { inventory, plan } = options;
  const advisories = loadAdvisories(options.advisories ?? shippedAdvisories());
  const pumps = 'file' in inventory ? loadInventory(inventory.file) : await wardInventory(inventory.ward);
  const builds = [...shippedBuilds(data), ...options.bills.map((path) => readBill(data, path))];
  for (const [model, version] of plan ?? []) {
    if (!builds.some((build) => build.model === model && build.version === version)) {
      throw new PumprangeError(
        'PR_EXPOSURE_INVALID',
        `nobody knows what is in ${model} ${version}; name its bill of materials`,
      );
    }
  }
  return exposureReport(pumps, builds, advisories, plan);
}

/** To which shipped advisories a pump is exposed, by what an inventory has of it now; `null`: it has nothing. */
export function exposureByInventory(
  data: WardData,
  inventory: () => readonly InventoryEntry[],
): (serial: string) => readonly string[] | null {
  return (serial) => {
    const status = inventory().find((entry) => entry.serial === serial)?.status;
    if (status === undefined || status === null) return null;
    return knownExposures(data).get(`${status.model} ${status.firmware}`) ?? null;
  };
}

const exposuresOfData = new WeakMap<WardData, ReadonlyMap<string, readonly string[]>>();

/** Ids of the shipped advisories to which each shipped version is exposed, by model and version; worked out once. */
function knownExposures(data: WardData): ReadonlyMap<string, readonly string[]> {
  let known = exposuresOfData.get(data);
  if (known === undefined) {
    const builds = shippedBuilds(data);
    const advisories = loadAdvisories(shippedAdvisories());
    known = new Map(
      builds.map((build) => [
        `${build.model} ${build.version}`,
        exposuresOf(build, advisories).map(({ advisory }) => advisory),
      ]),
    );
    exposuresOfData.set(data, known);
  }
  return known;
}

export function shippedAdvisories(): string {
  return join(HOUSE, 'pump-server', 'exposure', 'advisories.yaml');
}

/** Each shipped version with what is in it, and what stays in a pump of that model. */
export function shippedBuilds(data: WardData): AvailableBuild[] {
  return data.personalities.map(({ model, version, weaknesses, components, dependencies }) => ({
    model,
    version,
    weaknesses,
    components: [...components, ...residentOf(data, model)],
    dependencies,
  }));
}

function readBill(data: WardData, path: string): AvailableBuild {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new PumprangeError('PR_FILE_UNREADABLE', `${path}: ${String(cause)}`, { cause });
  }
  const bill = billBuild(bytes, path);
  if (!bill.ok) throw new PumprangeError('PR_EXPOSURE_INVALID', bill.reason);
  const { model, version, components } = bill.value;
  return {
    model,
    version,
    weaknesses: [],
    components: [...components, ...residentOf(data, model)],
    dependencies: [],
  };
}

function residentOf(data: WardData, model: string): AvailableBuild['components'] {
  return data.models.get(model)?.residentComponents ?? [];
}

const wardPumps = z.array(
  z.object({ serial: z.string(), model: z.string(), careArea: z.string(), firmware: z.string() }),
);

async function wardInventory(dir: string): Promise<readonly InventoriedPump[]> {
  const control = await connectControl(dir, () => undefined);
  try {
    return wardPumps.parse(await control.call('pumps'));
  } finally {
    control.close();
  }
}
