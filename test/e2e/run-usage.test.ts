import { expect, it } from 'vitest';
import { pumprange } from '../helpers/command.ts';

it('refuses a posture beside --bare, which leaves none of it on', async () => {
  const { code, stderr } = await pumprange(['run', 'open-console', '--bare', '--posture', 'sp1800-8']);
  expect(code).toBe(2);
  expect(stderr).toContain('PR_USAGE: --bare leaves no control of a posture on');
}, 240_000);

it('passes nothing where nothing is expected, and lets a cell be looked at', async () => {
  const unjudged = await pumprange(['run', 'flat-network-scan', '--posture', 'crl-fail-open', '--json']);
  expect(unjudged.code).toBe(1);
  expect(JSON.parse(unjudged.stdout).runs[0]).toMatchObject({ judged: false, expectations: [] });
  expect((await pumprange(['run', 'flat-network-scan', '--bare'])).code).toBe(0);
}, 240_000);
