import { execFileSync, spawn } from 'node:child_process';
import { afterEach, describe, expect, test } from 'vitest';
import { attachLab, leftOverLabs, removeLeftOvers, takeDown } from '../../../network/lab/index.ts';
import { namespaceNames } from '../../../network/lab/processes.ts';
import { HOUSE } from '../../../tools/house.ts';
import { follow } from '../../helpers/command.ts';
import { canHaveLab, TOOL_FOLDERS } from '../../helpers/lab.ts';

const NAMES = ['la', 'lb', 'lc'];
/** Other tests leave labs of theirs, and look for them. */
const own = (lab: string): boolean => NAMES.includes(lab);

async function startLab(name: string) {
  const args = ['--import', './tools/ts-loader.mjs', 'test/network/lab/with-lab-child.ts', name, 'never'];
  const child = follow(spawn(process.execPath, args, { cwd: HOUSE, stdio: ['pipe', 'pipe', 'pipe'] }));
  await child.until(/up/);
  return child;
}

describe.skipIf(!canHaveLab())('labs whose process was killed', () => {
  afterEach(async () => {
    for (const name of NAMES) await takeDown(name, TOOL_FOLDERS);
    if (namespaceNames().includes('pr-lc-other')) execFileSync('ip', ['netns', 'del', 'pr-lc-other']);
  });

  test('are named and removed; one that somebody has, and what is no lab, stay', async () => {
    const [killed, living] = [await startLab('la'), await startLab('lb')];
    execFileSync('ip', ['netns', 'add', 'pr-lc-other']);
    expect(leftOverLabs().filter(own)).toEqual([]);
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect(leftOverLabs().filter(own)).toEqual(['la']);
    expect(() => attachLab('lc0', TOOL_FOLDERS)).toThrow(
      /no lab "lc0" is up; `pumprange network lab up --name lc0` .*\bla\b.*; `pumprange network lab down --all`/,
    );
    expect(removeLeftOvers(TOOL_FOLDERS, own)).toEqual(['la']);
    expect(removeLeftOvers(TOOL_FOLDERS, own)).toEqual([]);
    const standing = (lab: string) => namespaceNames().filter((name) => name.startsWith(`pr-${lab}-`)).length;
    expect([standing('la'), standing('lb'), standing('lc')]).toEqual([0, 19, 1]);
    expect(attachLab('lb', TOOL_FOLDERS).state.owner.pid).toBe(living.process.pid);
    living.process.kill('SIGTERM');
    await living.ended;
  });
});
