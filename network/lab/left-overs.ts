import { existsSync, readdirSync } from 'node:fs';
import { isLabName, labOfRouter, routerNamespace } from './names.ts';
import { lives, namespaceNames } from './processes.ts';
import { demand, ownRights } from './requirements.ts';
import { ownerOf, RUNTIME_FOLDER, stateFolder } from './state.ts';
import { sweep } from './sweep.ts';
import { findTools } from './tools.ts';

/**
 * The labs that nobody has any more: the process that had each of them up was killed. What some other program calls `pr-…` is none: a lab
 * has a router, or was written down.
 *
 * @returns their names; none where this user may not look
 */
export function leftOverLabs(): readonly string[] {
  const written = writtenDown();
  if (written === undefined) return [];
  const standing = namespaceNames().flatMap((name) => labOfRouter(name) ?? []);
  return [...new Set([...written, ...standing])].filter(isLeftOver).sort();
}

/**
 * Removes what is left of those labs, and nothing else.
 *
 * @param which of them; absent: all
 * @returns the names of what was removed
 * @throws PumprangeError `PR_LAB_TOOL`, `PR_LAB_PRIVILEGE`
 */
export function removeLeftOvers(
  toolFolders: readonly string[],
  which: (lab: string) => boolean = () => true,
): readonly string[] {
  const tools = findTools(toolFolders);
  demand(ownRights(), false);
  // Somebody else may remove one meanwhile, and take its name: each is looked at again.
  return leftOverLabs().filter((lab) => {
    const isGoing = which(lab) && isLeftOver(lab);
    if (isGoing) sweep(tools, lab);
    return isGoing;
  });
}

function isLeftOver(lab: string): boolean {
  const owner = ownerOf(lab);
  if (owner !== undefined) return !lives(owner);
  return existsSync(stateFolder(lab)) || namespaceNames().includes(routerNamespace(lab));
}

/** @returns `undefined` where this user may not look: then nobody knows which have an owner */
function writtenDown(): readonly string[] | undefined {
  try {
    return readdirSync(RUNTIME_FOLDER).filter(isLabName);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : undefined;
  }
}
