import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { LabComponentProcess } from '../../testbed/lab-process.ts';

/** A component that is this program, in no lab. */
function component(program: string, readyWithinMs?: number): LabComponentProcess {
  const lab = { spawn: (_: unknown, [file, ...args]: readonly [string, ...string[]]) => spawn(file, args) };
  const argv = [process.execPath, '-e', program] as const;
  return new LabComponentProcess(lab, 'broker', { zone: 'servers', side: 'assets' }, argv, readyWithinMs);
}

test('one that ends says so with its last words, if it had any', async () => {
  const ended = { code: 'PR_LAB_FAILED', exitCode: 3, message: 'broker in servers ended with 4' };
  await expect(component('process.exit(4)').ready).rejects.toMatchObject(ended);
  await expect(component('console.error("no room"); process.exit(4)').ready).rejects.toMatchObject({
    message: 'broker in servers ended with 4: no room',
  });
});

test('one that is not ready in time says how long it was waited for', async () => {
  const slow = component('process.stdin.on("end", () => process.exit()).resume()', 600);
  await expect(slow.ready).rejects.toMatchObject({
    message: expect.stringMatching(/^broker in servers is not ready after \d+ s; is the machine busy\?$/),
  });
  await slow.stop();
});
