import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PumprangeError } from '../../protocol/index.ts';
import type { Layout } from '../plan/layout.ts';
import { isOfLab } from './names.ts';
import { lives, namespaceNames, ownMark, type ProcessMark } from './processes.ts';

/** Folder of all labs; gone when the machine restarts, as the namespaces are. */
export const RUNTIME_FOLDER = '/run/pumprange';

const addresses = { ipv4: z.string(), ipv6: z.string().exactOptional() };

const stateSchema = z.strictObject({
  version: z.literal(1),
  owner: z.strictObject({ pid: z.int().positive(), startTicks: z.number() }),
  startedAtMs: z.number(),
  /** The plan's file or id, for people. */
  plan: z.string(),
  layout: z.strictObject({
    zones: z.array(
      z.strictObject({
        id: z.string(),
        interface: z.string(),
        router: z.strictObject(addresses),
        visitor: z.strictObject(addresses),
        ipv4Bits: z.int(),
        ipv6Bits: z.int().exactOptional(),
        isOpenInside: z.boolean(),
      }),
    ),
    places: z.array(z.strictObject({ asset: z.string(), index: z.int(), zone: z.string(), ...addresses })),
  }),
});

/** What is written down of a lab that is up. */
export interface LabState {
  readonly owner: ProcessMark;
  readonly startedAtMs: number;
  readonly plan: string;
  readonly layout: Layout;
}

export function stateFolder(lab: string): string {
  return join(RUNTIME_FOLDER, lab);
}

/**
 * Takes the name of a lab for this process, and writes down what it will be. Of two that try at once, one is refused.
 *
 * @throws PumprangeError `PR_LAB_IN_USE`, `PR_LAB_LEFT_OVER`, `PR_DISK`
 */
export function claim(lab: string, plan: string, layout: Layout): void {
  try {
    mkdirSync(RUNTIME_FOLDER, { recursive: true, mode: 0o700 });
    const made = mkdtempSync(join(RUNTIME_FOLDER, '.claim-'));
    try {
      const state = { version: 1, owner: ownMark(), startedAtMs: Date.now(), plan, layout };
      writeFileSync(join(made, FILE), JSON.stringify(state), { mode: 0o600 });
      // A folder with something in it is not replaced.
      renameSync(made, stateFolder(lab));
    } catch (error) {
      rmSync(made, { recursive: true, force: true });
      throw error;
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') throw taken(lab);
    throw new PumprangeError('PR_DISK', String(error), { cause: error });
  }
  if (!namespaceNames().some((name) => isOfLab(name, lab))) return;
  release(lab);
  throw leftOver(lab);
}

export function release(lab: string): void {
  rmSync(stateFolder(lab), { recursive: true, force: true });
}

/** @returns `undefined` where there is none, or none that can be read: then it is left over */
export function readState(lab: string): LabState | undefined {
  try {
    const text = readFileSync(join(stateFolder(lab), FILE), 'utf8');
    return stateSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Who has a lab, also where another version of Pumprange has written it down. */
export function ownerOf(lab: string): ProcessMark | undefined {
  try {
    const text = readFileSync(join(stateFolder(lab), FILE), 'utf8');
    return z.object({ owner: stateSchema.shape.owner }).safeParse(JSON.parse(text)).data?.owner;
  } catch {
    return undefined;
  }
}

const FILE = 'lab.json';

function taken(lab: string): PumprangeError {
  const owner = ownerOf(lab);
  if (owner === undefined || !lives(owner)) return leftOver(lab);
  return new PumprangeError(
    'PR_LAB_IN_USE',
    `process ${owner.pid} has the lab "${lab}" up; \`${downCommand(lab)}\` takes it down`,
  );
}

function leftOver(lab: string): PumprangeError {
  return new PumprangeError(
    'PR_LAB_LEFT_OVER',
    `of the lab "${lab}" something stands that belongs to no process any more; \`${downCommand(lab)}\` removes it`,
  );
}

/** Removes every lab that nobody has any more. */
export const DOWN_ALL = 'pumprange network lab down --all';

export function downCommand(lab: string): string {
  return `pumprange network lab down --name ${lab}`;
}
