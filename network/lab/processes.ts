import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where `ip netns` keeps its names. */
export const NAMESPACES = '/run/netns';

/** A process that runs in a namespace of a lab. */
export interface LabProcess {
  readonly pid: number;
  readonly namespace: string;
  readonly command: string;
}

/** A process, told apart from a later one that was given the same number. */
export interface ProcessMark {
  readonly pid: number;
  /** When it began, in ticks of the kernel since the machine did [proc(5)]. */
  readonly startTicks: number;
}

export function ownMark(): ProcessMark {
  return { pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0 };
}

/** @returns `undefined` for one that is not there any more */
export function markOf(pid: number): ProcessMark | undefined {
  const startTicks = startTicksOf(pid);
  return startTicks === undefined ? undefined : { pid, startTicks };
}

/** Whether that very process is there, and is no zombie. */
export function lives({ pid, startTicks }: ProcessMark): boolean {
  return startTicksOf(pid) === startTicks;
}

/** Sends a signal to that very process, if it is there. */
export function signalTo(mark: ProcessMark, signal: NodeJS.Signals): void {
  if (!lives(mark)) return;
  try {
    process.kill(mark.pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

function startTicksOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program stands in brackets, and may have any in it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : Number(fields[START_TIME]);
  } catch {
    return undefined;
  }
}

/** Field 22 of `/proc/<pid>/stat`, counted from the state, which is field 3. */
const START_TIME = 19;

/** The names of all network namespaces of this machine that have one. */
export function namespaceNames(): readonly string[] {
  try {
    return readdirSync(NAMESPACES);
  } catch {
    return [];
  }
}

/** The processes in these namespaces, as `ip netns pids` lists them, for all of them in one look. */
export function processesIn(namespaces: readonly string[]): readonly LabProcess[] {
  const byInode = new Map<string, string>();
  for (const namespace of namespaces) {
    const found = statSync(join(NAMESPACES, namespace), { throwIfNoEntry: false });
    if (found !== undefined) byInode.set(`net:[${found.ino}]`, namespace);
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): LabProcess[] => {
      try {
        const namespace = byInode.get(readlinkSync(`/proc/${name}/ns/net`));
        if (namespace === undefined) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), namespace, command }];
      } catch {
        // It has ended meanwhile, or is not ours to look at.
        return [];
      }
    });
}
