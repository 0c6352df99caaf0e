import { execFile, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { PumprangeError } from '../../protocol/index.ts';

/** The programs that the lab is made with, each as a whole path. */
export interface LabTools {
  readonly ip: string;
  readonly nft: string;
  readonly tc: string;
}

/** What has each of them, as Debian names it. */
const PACKAGES: Readonly<Record<keyof LabTools, string>> = {
  ip: 'iproute2',
  nft: 'nftables',
  tc: 'iproute2',
};

/** What a program said that failed. */
export class ToolError extends Error {
  readonly said: string;

  constructor(path: string, args: readonly string[], said: string) {
    super(`${path} ${args.join(' ')}: ${said}`);
    this.name = 'ToolError';
    this.said = said;
  }
}

/** Longer than anything takes. */
const HANG_MS = 20_000;
const MOST_OUTPUT_BYTES = 64 * 1024 * 1024;
/** Words as they are looked for, and dates of a ruleset in UTC; the path is for what `ip netns exec` starts by name. */
const PLAIN = {
  LC_ALL: 'C',
  TZ: 'UTC',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

/**
 * Finds the programs in a search path, and in the `sbin` beside each `bin` of it: administrators' programs are not on everybody's path.
 *
 * @throws PumprangeError `PR_LAB_TOOL`
 */
export function findTools(folders: readonly string[]): LabTools {
  const everywhere = folders.flatMap((folder) => [folder, folder.replace(/\/bin\/?$/, '/sbin')]);
  const find = (name: keyof LabTools): string => {
    const found = everywhere.map((folder) => join(folder, name)).find(isProgram);
    if (found !== undefined) return found;
    throw new PumprangeError(
      'PR_LAB_TOOL',
      `there is no program ${name} (package ${PACKAGES[name]}) in ${folders.join(':') || 'an empty PATH'}`,
    );
  };
  return { ip: find('ip'), nft: find('nft'), tc: find('tc') };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a program to its end, without a shell.
 *
 * @param input what it reads
 * @returns what it printed
 * @throws ToolError
 */
export function runTool(path: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: HANG_MS, maxBuffer: MOST_OUTPUT_BYTES, env: PLAIN };
    const child = execFile(path, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new ToolError(path, args, stderr.trim() || stdout.trim() || error.message));
    });
    // A program that ends without reading says why in its own words.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** As {@link runTool}, where there is no time left for anything else: when the process ends. Failures are not told. */
export function runToolNow(path: string, args: readonly string[], input: string): void {
  spawnSync(path, args, { input, timeout: HANG_MS, env: PLAIN, stdio: ['pipe', 'ignore', 'ignore'] });
}
