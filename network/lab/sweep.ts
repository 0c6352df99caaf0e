import { isOfLab } from './names.ts';
import { lives, markOf, namespaceNames, processesIn, signalTo } from './processes.ts';
import { release } from './state.ts';
import { type LabTools, runToolNow } from './tools.ts';

/**
 * Removes what stands of a lab, whatever state it is in: ends every process in its namespaces, and no other; then the namespaces, and what was
 * written down. Does so within one turn, so that a process that ends can still do it.
 */
export function sweep(tools: Pick<LabTools, 'ip'>, lab: string): void {
  const namespaces = namespaceNames().filter((name) => isOfLab(name, lab));
  for (let round = 0; round < MOST_ROUNDS; round++) {
    // One that is being born is found in the next round.
    const found = processesIn(namespaces).flatMap(({ pid }) => markOf(pid) ?? []);
    if (found.length === 0) break;
    for (const mark of found) signalTo(mark, 'SIGKILL');
    waitUntil(() => !found.some(lives));
  }
  if (namespaces.length > 0) {
    const lines = namespaces.map((name) => `netns del ${name}\n`).join('');
    runToolNow(tools.ip, ['-force', '-batch', '-'], lines);
  }
  release(lab);
}

const MOST_ROUNDS = 10;
const WAIT_MS = 5;
const MOST_WAITS = 200;

function waitUntil(holds: () => boolean): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let waits = 0; waits < MOST_WAITS && !holds(); waits++) Atomics.wait(never, 0, 0, WAIT_MS);
}
