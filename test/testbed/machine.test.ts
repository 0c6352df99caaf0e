import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { FOREIGN_TOOLS } from '../../testbed/foreign-tools.ts';
import { examineMachine } from '../../testbed/index.ts';

const PATH = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = PATH;
});

test('every program that a test asks for is looked for, under the package that the test names', () => {
  const folder = join(import.meta.dirname, '..');
  const asked = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/hasTool\('(\w[\w-]*)'(?:, '([\w-]+)')?\)/g),
    ]);
  expect(asked.length).toBeGreaterThan(20);
  const packageOf = new Map(FOREIGN_TOOLS.map(({ command, debianPackage }) => [command, debianPackage]));
  for (const [text, command = '', from] of asked) {
    expect([text, packageOf.has(command)]).toEqual([text, true]);
    if (from !== undefined) expect([text, packageOf.get(command)]).toEqual([text, from]);
  }
});

test('what is missing is said, with what it is for and how to get it; nothing of it is needed', async () => {
  process.env['PATH'] = '/nowhere';
  const findings = await examineMachine();
  // It may be where no PATH leads on Debian; tmux is not.
  expect(findings).toContainEqual({
    what: 'tmux',
    present: false,
    needed: false,
    detail: expect.stringContaining('terminals'),
    wayOut: 'Debian: apt-get install tmux',
  });
  expect(findings.filter(({ needed }) => needed).map(({ what }) => what)).toEqual(['Node.js', 'loopback']);
  expect(findings).toContainEqual(
    expect.objectContaining({
      what: 'open files',
      detail: expect.stringMatching(/^(?:\d+|any number) a process/),
    }),
  );
  const names = findings.map(({ what }) => what);
  expect(names).toEqual(
    expect.arrayContaining([
      'mosquitto',
      'openssl',
      'docker',
      'ip',
      'nft',
      'network lab',
      'IPv6',
      'left-over labs',
    ]),
  );
});
