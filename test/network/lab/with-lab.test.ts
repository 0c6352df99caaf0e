import { spawn } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { takeDown, withLab } from '../../../network/lab/index.ts';
import { namespaceNames } from '../../../network/lab/processes.ts';
import { HOUSE } from '../../../tools/house.ts';
import { follow, type Running } from '../../helpers/command.ts';
import { canHaveLab, hostChanges, hostNetwork, openOptions, TOOL_FOLDERS } from '../../helpers/lab.ts';

function startChild(lab: string, end: string): Running {
  const args = ['--import', './tools/ts-loader.mjs', 'test/network/lab/with-lab-child.ts', lab, end];
  return follow(spawn(process.execPath, args, { cwd: HOUSE, stdio: ['pipe', 'pipe', 'pipe'] }));
}

function standing(lab: string): readonly string[] {
  return namespaceNames().filter((name) => name.startsWith(`pr-${lab}-`));
}

describe.skipIf(!canHaveLab())('a lab that something has in the foreground', () => {
  let before: ReturnType<typeof hostNetwork>;
  beforeEach(() => {
    before = hostNetwork();
  });
  afterEach(() => expect(hostChanges(before)).toEqual([]));

  test('is gone when that has ended, and when it failed', async () => {
    expect(await withLab(openOptions('wa'), async () => standing('wa').length)).toBe(19);
    expect(standing('wa')).toEqual([]);
    const failing = withLab(openOptions('wa'), () => Promise.reject(new Error('it failed')));
    await expect(failing).rejects.toThrow('it failed');
    expect(standing('wa')).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'is gone after %s, which ends the process as it would have',
    async (signal) => {
      const child = startChild('wb', 'lost');
      await child.until(/up/);
      expect(standing('wb')).toHaveLength(19);
      const ended = new Promise((resolve) => child.process.once('exit', (_, by) => resolve(by)));
      child.process.kill(signal);
      expect(await ended).toBe(signal);
      expect(standing('wb')).toEqual([]);
      const { stdout, stderr } = await child.ended;
      expect(stdout).toContain('farewell');
      // That its processes ended with it is no failure to tell.
      expect(stderr).toBe(`interrupted by ${signal}; lab "wb" is taken down\n`);
    },
  );

  test.each(['exit', 'throw'])('is gone where the process ends by itself: %s', async (how) => {
    const child = startChild('wc', how);
    expect((await child.ended).code).not.toBe(0);
    expect(standing('wc')).toEqual([]);
  });

  test('is still there after SIGKILL, and taken down by name', async () => {
    const child = startChild('wd', 'never');
    await child.until(/up/);
    child.process.kill('SIGKILL');
    await child.ended;
    expect(standing('wd')).toHaveLength(19);
    await expect(takeDown('wd', TOOL_FOLDERS)).resolves.toBe('left-over');
    expect(standing('wd')).toEqual([]);
  });

  test('is taken down by name while it is in use, by asking its process', async () => {
    const child = startChild('we', 'never');
    await child.until(/up/);
    await expect(takeDown('we', TOOL_FOLDERS)).resolves.toBe('lab');
    expect((await child.ended).stdout).toContain('farewell');
    expect(standing('we')).toEqual([]);
  });
});
