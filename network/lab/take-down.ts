import { setTimeout as sleep } from 'node:timers/promises';
import { isOfLab, labName } from './names.ts';
import { lives, namespaceNames, signalTo } from './processes.ts';
import { demand, ownRights } from './requirements.ts';
import { readState } from './state.ts';
import { sweep } from './sweep.ts';
import { findTools } from './tools.ts';

/** What there was to remove. */
export type TakenDown = 'nothing' | 'lab' | 'left-over';

/** A process that owns a lab may have a floor in it to stop. */
const OWNER_ENDS_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 10;

/**
 * Takes a lab down, whoever has it up, and whatever became of that process: asks it to, and removes what is still there when it has ended.
 *
 * @throws PumprangeError `PR_LAB_TOOL`, `PR_LAB_PRIVILEGE`, `PR_USAGE`
 */
export async function takeDown(name: string, toolFolders: readonly string[]): Promise<TakenDown> {
  const lab = labName(name);
  const tools = findTools(toolFolders);
  demand(ownRights(), false);
  const state = readState(lab);
  const standing = namespaceNames().some((one) => isOfLab(one, lab));
  const owner = state?.owner;
  const wasUp = owner !== undefined && lives(owner);
  if (wasUp) {
    signalTo(owner, 'SIGTERM');
    const until = performance.now() + OWNER_ENDS_WITHIN_MS;
    while (lives(owner) && performance.now() < until) await sleep(LOOK_EVERY_MS);
    signalTo(owner, 'SIGKILL');
  }
  sweep(tools, lab);
  if (wasUp) return 'lab';
  return standing || state !== undefined ? 'left-over' : 'nothing';
}
