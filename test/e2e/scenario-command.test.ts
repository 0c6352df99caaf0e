import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pumprange, tempFolder } from '../helpers/command.ts';

const FAMILIES = ['attack', 'care', 'configuration', 'patching', 'resilience', 'segmentation'];

it('writes a template of each family that can be checked as it is', async () => {
  const folder = tempFolder();
  for (const family of FAMILIES) {
    const made = await pumprange(['scenario', 'new', '--family', family], { cwd: folder });
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(folder, `my-${family}.yaml`), 'utf8')).toMatch(
      new RegExp(`^id: my-${family}$[\\s\\S]*^family: ${family}$`, 'm'),
    );
  }
  const files = FAMILIES.map((family) => `my-${family}.yaml`);
  const { code, stdout, stderr } = await pumprange(['scenario', 'check', ...files], { cwd: folder });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.match(/^ok {2}/gm)?.length).toBe(FAMILIES.length);
}, 240_000);

it('points editors to the schema of this checkout', async () => {
  const folder = tempFolder();
  await pumprange(['scenario', 'new', 'stolen-laptop'], { cwd: folder });
  const text = readFileSync(join(folder, 'stolen-laptop.yaml'), 'utf8');
  const [, schema = ''] = /^# yaml-language-server: \$schema=(.*)$/m.exec(text) ?? [];
  expect(JSON.parse(readFileSync(join(folder, schema), 'utf8'))).toMatchObject({
    title: 'Pumprange scenario',
  });
}, 240_000);

it('writes over nothing unless told to', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'mine.yaml'), 'mine');
  const refused = await pumprange(['scenario', 'new', 'mine'], { cwd: folder });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('PR_FILE_EXISTS');
  expect(readFileSync(join(folder, 'mine.yaml'), 'utf8')).toBe('mine');
  expect((await pumprange(['scenario', 'new', 'mine', '--overwrite'], { cwd: folder })).code).toBe(0);
  expect(readFileSync(join(folder, 'mine.yaml'), 'utf8')).toContain('id: mine');
}, 240_000);

it('refuses a name that no scenario may have', async () => {
  const folder = tempFolder();
  for (const id of ['../out', 'Upper', 'a--b', '-x']) {
    const { code, stderr } = await pumprange(['scenario', 'new', '--', id], { cwd: folder });
    expect({ id, code }).toEqual({ id, code: 2 });
    expect(stderr).toContain('is no name of a scenario');
  }
}, 240_000);

it('says all that is wrong in all files, each with its place, and what is right', async () => {
  const folder = tempFolder();
  for (const id of ['good', 'bad', 'worse']) await pumprange(['scenario', 'new', id], { cwd: folder });
  const edit = (id: string, from: string, to: string): void => {
    const file = join(folder, `${id}.yaml`);
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  };
  edit('bad', 'do: connect', 'do: conect');
  edit('bad', 'duration: 7m', 'duration: soon');
  edit('worse', 'responses: [revoke-identity]', 'responses: [pray]');
  const files = ['good.yaml', 'bad.yaml', 'worse.yaml'];
  const { code, stdout, stderr } = await pumprange(['scenario', 'check', ...files], { cwd: folder });
  expect(code).toBe(2);
  expect(stdout).toMatch(/^ok {2}good\.yaml/);
  expect(stderr).toMatch(/bad\.yaml:\d+:\d+: duration: expected a duration/);
  expect(stderr).toMatch(/bad\.yaml:\d+:\d+: .*did you mean "connect"/);
  expect(stderr).toMatch(/worse\.yaml:\d+:\d+: .*pray/);
}, 240_000);

it('has an attack as template that succeeds without protection and is held with all of it', async () => {
  const folder = tempFolder();
  await pumprange(['scenario', 'new'], { cwd: folder });
  const bare = await pumprange(['run', 'my-attack.yaml', '--bare', '--json'], { cwd: folder });
  expect(JSON.parse(bare.stdout).runs[0].attack.succeeded).toBe(true);
  const all = await pumprange(['run', 'my-attack.yaml', '--posture', 'all', '--json'], { cwd: folder });
  expect(all.code).toBe(0);
  expect(JSON.parse(all.stdout).runs).toHaveLength(3);
}, 240_000);

it('writes something else for configuration and for patching than for resilience', async () => {
  const folder = tempFolder();
  for (const [family, verb] of [
    ['configuration', 'release-configuration'],
    ['patching', 'release-firmware'],
    ['resilience', 'broker-stop'],
  ] as const) {
    await pumprange(['scenario', 'new', '--family', family], { cwd: folder });
    expect(readFileSync(join(folder, `my-${family}.yaml`), 'utf8')).toContain(`do: ${verb}`);
  }
}, 240_000);
