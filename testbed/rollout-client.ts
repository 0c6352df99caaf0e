import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { PumprangeError, type RolloutPlan, rolloutPlanSchema, urnOf } from '../protocol/index.ts';
import {
  type RolloutOrder,
  type RolloutProgress,
  readFirmwareFiles,
  rolloutProgressSchema,
  type SignedFirmware,
} from '../pump-server/index.ts';
import { type ControlClient, connectControl } from './control-client.ts';
import { FIRMWARE_PART_BYTES } from './rollout-desk.ts';

/**
 * Reads the plan of a rollout, YAML or JSON.
 *
 * @throws PumprangeError `PR_FILE_UNREADABLE`, `PR_ROLLOUT_INVALID` with the place
 */
export function readRolloutPlan(path: string): RolloutPlan {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new PumprangeError('PR_FILE_UNREADABLE', `${path}: ${String(cause)}`, { cause });
  }
  let data: unknown;
  try {
    data = parse(text);
  } catch (cause) {
    throw new PumprangeError('PR_ROLLOUT_INVALID', `${path}: ${String(cause)}`, { cause });
  }
  const parsed = rolloutPlanSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new PumprangeError(
    'PR_ROLLOUT_INVALID',
    `${path}: ${issue?.path.join('.') || 'plan'}: ${issue?.message ?? 'does not fit'}`,
  );
}

export function rolloutPlanJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(rolloutPlanSchema, { io: 'input' });
  return { $schema, title: 'Pumprange plan of a rollout', ...rest };
}

/** What `pumprange rollout status --json` prints. */
const statusSchema = z.strictObject({ version: z.literal(1), rollouts: z.array(rolloutProgressSchema) });
export type RolloutStatus = z.infer<typeof statusSchema>;

export function rolloutStatusJsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(statusSchema);
  return { $schema, title: 'Pumprange status of rollouts', ...rest };
}

/**
 * Releases a package to its model, or to some pumps of it, in the ward that runs on a folder.
 *
 * @throws PumprangeError what the server refuses with; `PR_WARD_NOT_RUNNING`, `PR_FILE_UNREADABLE`, `PR_FIRMWARE_INVALID`
 */
export async function releaseFirmwareFile(
  dir: string,
  path: string,
  by: string,
  wave: readonly string[] | undefined,
): Promise<SignedFirmware['manifest']> {
  const signed = readFirmwareFiles(path);
  await withControl(dir, async (client) => {
    await sendPackage(client, signed);
    await client.call('firmware.release', {
      manifest: signed.manifest,
      by: engineer(by),
      ...(wave && { wave }),
    });
  });
  return signed.manifest;
}

/**
 * Begins a rollout in the ward that runs on a folder.
 *
 * @param packages files of the update, and of what is offered when it is backed out
 * @throws PumprangeError as `releaseFirmwareFile`; `PR_ROLLOUT_INVALID`
 */
export async function beginRollout(
  dir: string,
  plan: RolloutPlan,
  packages: { readonly update: string; readonly previous?: string | undefined },
  by: string,
): Promise<RolloutProgress> {
  const update = readFirmwareFiles(packages.update);
  const previous = packages.previous === undefined ? undefined : readFirmwareFiles(packages.previous);
  return withControl(dir, async (client) => {
    await sendPackage(client, update);
    if (previous !== undefined) await sendPackage(client, previous);
    const progress = await client.call('rollout.begin', {
      plan,
      update: update.manifest,
      ...(previous && { previous: previous.manifest }),
      by: engineer(by),
    });
    return rolloutProgressSchema.parse(progress);
  });
}

/** @throws PumprangeError `PR_ROLLOUT_INVALID`, `PR_WARD_NOT_RUNNING` */
export function orderRollout(
  dir: string,
  rollout: string,
  order: RolloutOrder,
  by: string,
): Promise<RolloutProgress> {
  return withControl(dir, async (client) =>
    rolloutProgressSchema.parse(await client.call('rollout.order', { rollout, order, by: engineer(by) })),
  );
}

/** All rollouts of the ward that runs on a folder, in the order in which they began. @throws PumprangeError `PR_WARD_NOT_RUNNING` */
export function rolloutStatus(dir: string): Promise<RolloutStatus> {
  return withControl(dir, async (client) =>
    statusSchema.parse({ version: 1, rollouts: await client.call('rollout.status') }),
  );
}

function engineer(id: string): string {
  return urnOf({ kind: 'biomed', id });
}

async function sendPackage(client: ControlClient, { manifest, packageBytes }: SignedFirmware): Promise<void> {
  for (let from = 0; from < packageBytes.length; from += FIRMWARE_PART_BYTES) {
    const part = packageBytes.subarray(from, from + FIRMWARE_PART_BYTES);
    await client.call('firmware.part', {
      digest: manifest.digest,
      content: Buffer.from(part).toString('base64'),
    });
  }
}

async function withControl<T>(dir: string, work: (client: ControlClient) => Promise<T>): Promise<T> {
  const client = await connectControl(dir, () => undefined);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
