import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HOUSE } from '../../tools/house.ts';
import { type Ended, follow, pumprange, start, tempFolder } from '../helpers/command.ts';
import { canHaveLab } from '../helpers/lab.ts';
import { hasTool } from '../helpers/require-tool.ts';
import { commandsOf, pages } from './markdown.ts';

/** The ward of a page, for commands that look at one. */
interface Scene {
  /** Where the commands of the page are run, one after the other. */
  readonly folder: string;
  /** Port of a ward that runs in that folder; started when it is first asked for, stopped before another one starts. */
  port(more?: readonly string[]): Promise<string>;
  stopWard(): Promise<void>;
}

function scene(): Scene {
  const folder = tempFolder();
  let ward: ReturnType<typeof start> | undefined;
  return {
    folder,
    async port(more = ['--pumps', '3']) {
      ward ??= start(['up', '--port', '0', ...more], { cwd: folder });
      const printed = await ward.until(/Ctrl-C stops everything/);
      return /mqtts:\/\/localhost:(\d+)/.exec(printed)?.[1] ?? 'none';
    },
    async stopWard() {
      ward?.process.kill('SIGTERM');
      await ward?.ended;
      ward = undefined;
    },
  };
}

const BIN = join(HOUSE, 'bin', 'pumprange.js');

/** Runs a line as a shell does, with the command of this checkout. */
function shell(line: string, folder: string): Promise<Ended> {
  const own = line.replace(/^npx pumprange\b/, `'${process.execPath}' '${BIN}'`);
  return follow(
    spawn('sh', ['-c', `exec ${own}`], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    }),
  ).ended;
}

/** How a command of the docs is tried. The first pattern that fits counts; what fits none is run by no test, and fails. */
const WAYS: readonly (readonly [pattern: RegExp, tries: (line: string, scene: Scene) => Promise<void>])[] = [
  [
    /^npm ci && npm start$/,
    async (_, { folder, stopWard }) => {
      await stopWard();
      inCi('npm ci');
      expect(script('start')).toBe('node bin/pumprange.js up');
      const args = ['up', '--port', '0', '--for', '1s'];
      expect(await pumprange(args, { cwd: folder })).toMatchObject({ code: 0, stderr: '' });
    },
  ],
  [
    /^(?:npm ci && )?npm test$/,
    async () => {
      inCi('npm ci');
      inCi('npm test');
    },
  ],
  [
    /^npm run \S+$/,
    async (line) => {
      const name = line.slice('npm run '.length);
      expect(script(name)).toBeDefined();
      if (name !== 'generate' && name !== 'format') inCi(`npm run --silent ${name}`);
    },
  ],
  [
    /^mosquitto_sub /,
    async (line, { folder, port }) => {
      if (!hasTool('mosquitto_sub', 'mosquitto-clients')) return;
      const there = line.replace('-p 8883', `-p ${await port()}`);
      const { code, stdout, stderr } = await shell(`${there} -C 1 -W 30`, folder);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ version: 1 });
    },
  ],
  [
    /^npx pumprange bedside /,
    async (line, { folder, port }) => {
      await port();
      await succeeds(line, folder);
    },
  ],
  [
    /^npx pumprange firmware exposure\b/,
    async (line, { folder, port }) => {
      await port();
      await succeeds(line, folder);
    },
  ],
  [
    // They take a daemon of their own, and minutes.
    /^docker compose /,
    async () => {
      expect(readFileSync(join(HOUSE, 'test/e2e/compose.test.ts'), 'utf8')).toContain("'docs/compose.md'");
    },
  ],
  [
    /^npx pumprange up --broker mosquitto\b.*--for /,
    async (line, { folder, stopWard }) => {
      if (!hasTool('mosquitto')) return;
      await stopWard();
      await succeeds(line, folder);
    },
  ],
  [
    /^npx pumprange up\b.*--for /,
    async (line, { folder, stopWard }) => {
      await stopWard();
      await succeeds(line, folder);
    },
  ],
  [
    // One that goes on while the next commands are tried.
    /^npx pumprange up\b/,
    async (line, { port, stopWard }) => {
      await stopWard();
      await port(line.split(' ').slice(3));
    },
  ],
  [
    /^npx pumprange rollout /,
    async (line, { folder, port }) => {
      await port();
      const [, plan = ''] =
        /```yaml\n(.*?)```/s.exec(readFileSync(join(HOUSE, 'docs/rollouts.md'), 'utf8')) ?? [];
      writeFileSync(join(folder, 'plan.yaml'), plan);
      await succeeds(line, folder);
    },
  ],
  [/^npx pumprange evidence verify rehearsal\//, (line, { folder }) => succeeds(line, folder)],
  [
    /^npx pumprange evidence verify /,
    async (line, { folder, port, stopWard }) => {
      // Something must have been seen before it can be verified.
      if (!existsSync(join(folder, '.pumprange', 'evidence.jsonl'))) await port();
      await stopWard();
      await succeeds(line, folder);
    },
  ],
  [
    /^npx pumprange library (?:check|approve|release|adoption)\b(?!.*\/)/,
    async (line, { folder, port }) => {
      await port();
      draftIn(folder);
      await succeeds(line, folder);
    },
  ],
  [
    /^npx pumprange (?:library|configuration) /,
    async (line, { folder }) => {
      // The libraries of the house are named from its root.
      const simulator = join(folder, 'simulator');
      if (!existsSync(simulator)) symlinkSync(join(HOUSE, 'simulator'), simulator);
      await succeeds(line, folder);
    },
  ],
  [
    // Whether a lost domain lets an attack through is not the page's affair.
    /^npx pumprange matrix /,
    async (line, { folder }) => {
      const prices = join(folder, 'prices.yaml');
      if (!existsSync(prices)) copyFileSync(join(HOUSE, 'scenarios/prices.example.yaml'), prices);
      const { code, stdout, stderr } = await shell(line, folder);
      expect({ line, stderr, ended: code === 0 || code === 1 }).toMatchObject({ line, ended: true });
      expect(stdout).toMatch(/ runs in /);
      const [, report] = / --report (\S+)/.exec(line) ?? [];
      if (report !== undefined) expect(existsSync(join(folder, report, 'report.html'))).toBe(true);
    },
  ],
  [
    /^npx pumprange (?:run|scenario check) curious-colleague\.yaml/,
    async (line, { folder }) => {
      const page = readFileSync(join(HOUSE, 'docs/writing-scenarios.md'), 'utf8');
      const [, scenario = ''] = /```yaml\n(id: curious-colleague\n.*?)```/s.exec(page) ?? [];
      writeFileSync(join(folder, 'curious-colleague.yaml'), scenario);
      await succeeds(line, folder);
    },
  ],
  [
    /^npx pumprange detections /,
    async (line, { folder }) => {
      const page = readFileSync(join(HOUSE, 'docs/detection.md'), 'utf8');
      const [, rule = ''] = /```yaml\n(id: second-hand-key\n.*?)```/s.exec(page) ?? [];
      writeFileSync(join(folder, 'own.yaml'), rule);
      // How far it is may stand on stderr.
      const { code, stdout } = await shell(line, folder);
      expect({ line, code }).toEqual({ line, code: 0 });
      expect(stdout).toMatch(/second-hand-key/);
    },
  ],
  [
    // Needs root. A lab has its name to itself: other tests have labs of other names.
    /^npx pumprange network lab |^ip netns exec pr-lab-/,
    async (line, { folder }) => {
      if (canHaveLab()) await succeeds(line, folder);
    },
  ],
  [
    // The page with a report says on stderr where it is.
    /^npx pumprange run .* --report /,
    async (line, { folder }) => {
      expect(await shell(line, folder)).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/^report: /),
      });
    },
  ],
  [
    // Real networks take a while, and say on stderr how far they are.
    /^npx pumprange network /,
    async (line, { folder }) => {
      if (!canHaveLab()) return;
      expect(await shell(line, folder)).toMatchObject({ code: 0 });
    },
  ],
  [
    /^npx pumprange (?:run|list|doctor|pki|firmware|evidence|pump|broker|scenario)\b/,
    (line, { folder }) => succeeds(line, folder),
  ],
];

/** The library of their own that readers have. */
function draftIn(folder: string): void {
  const path = join(folder, 'adult-icu.json');
  if (existsSync(path)) return;
  const sample = readFileSync(join(HOUSE, 'simulator/drug-library/samples/adult-icu.json'), 'utf8');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(sample), version: '1.1.0', status: 'draft' }));
}

async function succeeds(line: string, folder: string): Promise<void> {
  const { code, stdout, stderr } = await shell(line, folder);
  expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
  if (/ --json\b/.test(line)) expect(() => JSON.parse(stdout)).not.toThrow();
  else expect(stdout).not.toBe('');
}

function script(name: string): unknown {
  return JSON.parse(readFileSync(join(HOUSE, 'package.json'), 'utf8')).scripts[name];
}

/** Too long for a test of its own, and run by CI. */
function inCi(command: string): void {
  expect(readFileSync(join(HOUSE, '.ci/run'), 'utf8')).toContain(command);
}

describe('the commands of the docs', () => {
  const documented = [...pages()].flatMap(([path, page]) => {
    const commands = commandsOf(page);
    return commands.length === 0 ? [] : [[path, commands] as const];
  });

  it('are found', () => {
    const [readme] = documented;
    expect(readme?.[0]).toBe('README.md');
    expect(readme?.[1][0]).toBe('npm ci && npm start');
    expect(readme?.[1].length).toBeGreaterThan(8);
  });

  it.each(documented)(
    'of %s work as they stand there, one after the other',
    async (_, commands) => {
      const stage = scene();
      for (const line of commands) {
        const way = WAYS.find(([pattern]) => pattern.test(line));
        expect(way, `no test runs \`${line}\``).toBeDefined();
        await way?.[1](line, stage);
      }
      await stage.stopWard();
    },
    600_000,
  );
});

describe('the collector', () => {
  it('takes every line of a sh block, joined where a backslash says so, and none of its comments', () => {
    expect(commandsOf('a\n```sh\n# first\none \\\n  two\n\nthree\n```\nb `four`\n')).toEqual([
      'one two',
      'three',
    ]);
  });

  it('takes what stands behind the prompt of a console block', () => {
    expect(commandsOf('```console\n$ one\nprinted\n$ two\n```\n')).toEqual(['one', 'two']);
  });

  it('takes nothing of other blocks', () => {
    expect(commandsOf('```yaml\nid: x\n```\n```json\n{}\n```\n')).toEqual([]);
  });
});
