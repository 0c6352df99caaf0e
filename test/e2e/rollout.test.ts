import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { rolloutStatusJsonSchema } from '../../testbed/index.ts';
import { pumprange, start, tempFolder } from '../helpers/command.ts';

const PLAN = `
id: spring
title: LVP 1.2.0
model: lvp
version: 1.2.0
waves:
  - { name: canary, pumps: [LVP-0001] }
  - { name: all, share: 1 }
gates: { observeForS: 60 }
`;

interface Progress {
  readonly phase: string;
  readonly waves: readonly { readonly stages: Readonly<Record<string, number>> }[];
}

test('a rollout in a live ward: begun, steered, and there again after the ward was killed', async () => {
  const dir = tempFolder();
  const packages = join(dir, 'packages');
  const plan = join(dir, 'plan.yaml');
  const manifest = join(packages, 'firmware-lvp-1.2.0.manifest.json');
  writeFileSync(plan, PLAN);
  const up = () =>
    start([
      'up',
      '--pumps',
      '9',
      '--port',
      '0',
      '--dir',
      dir,
      '--firmware',
      '1.1.0',
      '--speed',
      '10',
      '--for',
      '10m',
    ]);
  const ok = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await pumprange([...args, '--dir', dir]);
    expect({ code, stderr }, args.join(' ')).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const status = async (): Promise<readonly Progress[]> =>
    JSON.parse(await ok('rollout', 'status', '--json')).rollouts;

  const ward = up();
  await ward.until(/Ctrl-C stops everything/);
  const build = ['firmware', 'build', '--model', 'lvp', '--version', '1.2.0', '--payload-bytes', '200000'];
  expect((await pumprange([...build, '--out', packages])).code).toBe(0);
  // Nobody has signed it: the server takes it from nobody.
  const unsigned = await pumprange(['rollout', 'begin', plan, '--package', manifest, '--dir', dir]);
  expect(unsigned).toMatchObject({ code: 2, stderr: expect.stringContaining('no vendor has signed') });
  await ok('firmware', 'sign', manifest);
  const unaccepted = await pumprange(['firmware', 'release', manifest, '--dir', dir]);
  expect(unaccepted).toMatchObject({ code: 2, stderr: expect.stringContaining('has not accepted') });
  await ok('firmware', 'accept', manifest);

  expect(await ok('rollout', 'status')).toBe('No rollout has begun here.\n');
  expect(await ok('rollout', 'begin', plan, '--package', manifest)).toContain('spring  lvp 1.2.0  running');
  const twice = await pumprange(['rollout', 'begin', plan, '--package', manifest, '--dir', dir]);
  expect(twice).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_ROLLOUT_INVALID/) });
  await expect
    .poll(async () => (await status())[0]?.waves[0]?.stages['staged'] ?? 0, { timeout: 60_000 })
    .toBe(1);
  expect(await ok('rollout', 'pause', 'spring')).toContain('paused: paused by biomed-01');

  // Killed in the middle. The pumps of a ward are made with it; its server goes on with what it had.
  ward.process.kill('SIGKILL');
  await ward.ended;
  const again = up();
  await again.until(/Ctrl-C stops everything/);
  expect(await status()).toMatchObject([{ id: 'spring', phase: 'paused', reason: 'paused by biomed-01' }]);
  expect(await ok('rollout', 'resume', 'spring')).toContain('running');
  const document = JSON.parse(await ok('rollout', 'status', '--json'));
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(rolloutStatusJsonSchema());
  expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
  expect(await ok('rollout', 'abort', 'spring')).toContain('aborted by biomed-01');
  const backOut = await pumprange(['rollout', 'back-out', 'spring', '--dir', dir]);
  expect(backOut).toMatchObject({ code: 2, stderr: expect.stringContaining('no package to go back to') });
  again.process.kill('SIGTERM');
  expect(await again.ended).toMatchObject({ code: 0 });
}, 240_000);
