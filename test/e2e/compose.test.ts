import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layOut } from '../../network/plan/layout.ts';
import { loadZonePlan } from '../../network/plan/load.ts';
import { passageOf } from '../../network/plan/policy.ts';
import { HOUSE, knownFiles } from '../../tools/house.ts';
import { commandsOf } from '../docs/markdown.ts';
import { packBaseImage } from '../helpers/base-image.ts';
import type { Ended } from '../helpers/command.ts';
import { canStartDocker, type Docker, openDocker } from '../helpers/docker.ts';

const PROJECT = 'pumprange-test';
/** Pumps with all of their services, so that there is something to reach. */
const FLOOR = { COMPOSE_PROJECT_NAME: PROJECT, POSTURE: 'mutual-tls-only', FIRMWARE: '1.0.0' };
const BASE = 'node:22-bookworm-slim';
const SERVICES = ['broker', 'observer', 'pki', 'pump-server', 'pumps', 'red-team', 'router'];

const policy = loadZonePlan(join(HOUSE, 'network', 'zones', 'sp1800-8.yaml'));
const layout = layOut(policy, 1);
const page = commandsOf(readFileSync(join(HOUSE, 'docs/compose.md'), 'utf8'));

let docker: Docker;

/** A line of the page; `docker compose` is whichever version of it this machine has. */
async function compose(line: string): Promise<Ended> {
  const [, words = ''] = /^docker compose (.*)$/.exec(line) ?? [];
  const ended = await docker.run(['docker-compose', ...words.split(' ')], { cwd: HOUSE, env: FLOOR });
  expect(ended, `${line}\n${ended.stdout}\n${ended.stderr}`).toMatchObject({ code: 0 });
  return ended;
}

function pageLine(pattern: RegExp): string {
  const line = page.find((one) => pattern.test(one));
  expect(line, `docs/compose.md has no ${pattern}`).toBeDefined();
  return line ?? '';
}

async function said(...command: [string, ...string[]]): Promise<string> {
  const ended = await docker.run(command, { cwd: HOUSE, env: FLOOR });
  expect(ended, `${command.join(' ')}\n${ended.stderr}`).toMatchObject({ code: 0 });
  return ended.stdout.trim();
}

interface Inspected {
  readonly Name: string;
  readonly Config: { readonly User: string; readonly Env: readonly string[] };
  readonly State: { readonly Health?: { readonly Status: string } };
  readonly HostConfig: { readonly ReadonlyRootfs: boolean; readonly CapDrop: readonly string[] };
  readonly NetworkSettings: { readonly Networks: Record<string, { readonly IPAddress: string }> };
}

async function containers(): Promise<Inspected[]> {
  const ids = await said('docker', 'ps', '-aq', '--filter', `label=com.docker.compose.project=${PROJECT}`);
  return ids === '' ? [] : JSON.parse(await said('docker', 'inspect', ...ids.split('\n')));
}

/** Run by Node.js in a container: opens a connection to each, side by side. */
const PROBE = `
const { connect } = require('node:net');
const probe = ([host, port]) => new Promise((resolve) => {
  const socket = connect({ host, port });
  const end = (what) => { clearTimeout(timer); socket.destroy(); resolve(what); };
  const timer = setTimeout(() => end('dropped'), 2500);
  socket.once('connect', () => end('open'));
  socket.once('error', ({ code }) => end(code === 'ECONNREFUSED' ? 'refused' : code));
});
Promise.all(JSON.parse(process.argv[1]).map(probe)).then((all) => console.log(JSON.stringify(all)));
`;

async function probe(
  zone: string,
  ip: string,
  targets: readonly (readonly [string, number])[],
): Promise<string[]> {
  const network = `${PROJECT}_${zone}`;
  const box = [
    'docker',
    'run',
    '--rm',
    '--network',
    network,
    '--ip',
    ip,
    '--cap-drop',
    'ALL',
    '--entrypoint',
    'node',
  ];
  return JSON.parse(await said(...(box as ['docker']), 'pumprange', '-e', PROBE, JSON.stringify(targets)));
}

describe.skipIf(!canStartDocker())('docker-compose.yml', () => {
  beforeAll(async () => {
    docker = await openDocker('machine');
    const { archive, changes } = packBaseImage();
    await feed(
      docker,
      ['docker', 'import', ...changes.flatMap((one) => ['--change', one]), '-', BASE],
      archive,
    );
    // The same for both, whatever other tests write beside it, so that most of the second is there already.
    const files = knownFiles(HOUSE, ['.']).join('\n');
    const context = execFileSync('tar', ['-C', HOUSE, '-T', '-', '-c'], {
      input: files,
      maxBuffer: 1024 ** 3,
    });
    for (const [image, ...target] of [['pumprange'], ['pumprange-router', '--target', 'router']] as const) {
      const build = ['docker', 'build', '--network', 'host', '-t', image, ...target, '-'] as const;
      await feed(docker, build, context);
    }
    // The floor must not be seen in the networks of the machine: other tests look at those.
    await docker.moveTo('own');
  }, 400_000);

  afterAll(async () => {
    await docker?.close();
  }, 120_000);

  test('comes up, healthy, with as many pumps as wanted', async () => {
    await compose(pageLine(/ up /));
    const untilMs = Date.now() + 120_000;
    const health = async (): Promise<string[]> =>
      (await containers()).map(({ Name, State }) => `${Name} ${State.Health?.Status}`);
    while ((await health()).some((one) => !one.endsWith(' healthy')) && Date.now() < untilMs)
      await sleep(1_000);
    const names = (await health()).map((one) => one.replace(/^\/pumprange-test[-_](.*)[-_]\d+ /, '$1 '));
    expect(names.sort()).toEqual([...SERVICES, 'pumps'].sort().map((name) => `${name} healthy`));
    expect((await compose(pageLine(/ ps$/))).stdout).toContain('router');
  }, 300_000);

  test('nobody is root but the router, nothing can be written, and nobody was given a secret', async () => {
    for (const { Name, Config, HostConfig } of await containers()) {
      expect({ Name, root: Config.User === '0:0' }).toEqual({ Name, root: Name.includes('router') });
      expect(Config.User).toMatch(/^(?:0:0|1000:1000)$/);
      expect(HostConfig).toMatchObject({ ReadonlyRootfs: true, CapDrop: ['ALL'] });
      expect(Config.Env.filter((one) => /pass|secret|token|key=/i.test(one))).toEqual([]);
    }
  });

  test('security operations hear all pumps, each numbered after its address', async () => {
    const observer = (await containers()).find(({ Name }) => Name.includes('observer'))?.Name.slice(1) ?? '';
    const heard = await askComponent(observer, 'status');
    const at = (await containers())
      .filter(({ Name }) => Name.includes('pumps'))
      .flatMap(({ NetworkSettings }) =>
        Object.values(NetworkSettings.Networks).map(({ IPAddress }) => IPAddress),
      );
    const numbers = at.map((address) => String(Number(address.split('.')[3]) + 1).padStart(4, '0'));
    expect(heard).toMatchObject({
      pumps: numbers.flatMap((number) => ['LVP', 'PCA', 'SYR'].map((model) => `${model}-${number}`)).sort(),
    });
  });

  test('a rehearsal runs in the box of the red team', async () => {
    const { stdout } = await compose(pageLine(/ run spoofed-command/));
    expect(stdout).toMatch(/1 of 1 runs passed/);
  });

  test('from each zone what the plan lets through is reached, and nothing else', async () => {
    const pump = (await containers())
      .filter(({ Name }) => Name.includes('pumps'))
      .map(
        ({ NetworkSettings }) => NetworkSettings.Networks[`${PROJECT}_medical-devices`]?.IPAddress ?? '',
      )[0];
    const at = (asset: string) => layout.places.find((place) => place.asset === asset)?.ipv4 ?? '';
    const listening: Readonly<Record<string, readonly number[]>> = {
      broker: [8883],
      est: [8080, 8443],
      pump: [20021, 20023, 20069, 20080],
    };
    const asked = ['broker', 'est', 'pump', 'pump-server', 'monitoring', 'guest-laptop'].flatMap((asset) =>
      [22, 1883, 6514, 8080, 8443, 8883, 20021, 20023, 20069, 20080].map((port) => ({ asset, port })),
    );
    const expected: string[] = [];
    const actual: string[] = [];
    for (const { id, visitor } of layout.zones) {
      const cells = asked
        // Docker does not keep neighbours apart (docs/decisions/0018).
        .filter(({ asset }) => id !== 'guest' || policy.assets.get(asset)?.zone !== id);
      const targets = cells.map(
        ({ asset, port }) => [asset === 'pump' ? (pump ?? '') : at(asset), port] as const,
      );
      const answers = await probe(id, visitor.ipv4, targets);
      for (const [index, { asset, port }] of cells.entries()) {
        const cell = `${id} → ${asset}:${port}`;
        const from = { zone: id, asset: undefined };
        const passage = passageOf(policy, from, { asset, protocol: 'tcp', port }, Date.now(), 'ipv4');
        const answer = listening[asset]?.includes(port) ? 'open' : 'refused';
        expected.push(`${cell} ${passage === undefined ? 'dropped' : answer}`);
        actual.push(`${cell} ${answers[index]}`);
      }
    }
    expect(actual).toEqual(expected);
    for (const answer of ['open', 'refused', 'dropped']) {
      expect(expected.filter((one) => one.endsWith(answer)).length).toBeGreaterThan(10);
    }
    expect((await compose(pageLine(/ nft list /))).stdout).toMatch(/medical-devices-to-broker/);
  }, 180_000);

  test('nothing leads out of it', async () => {
    // Addresses of the daemon's own network namespace, which stands for the host, and of documentation [RFC 5737].
    const answers = await probe('medical-devices', '10.18.20.254', [
      ['192.0.2.1', 80],
      ['198.51.100.1', 443],
      ['172.17.0.1', 80],
    ]);
    expect(answers).toEqual(
      answers.map(() => expect.stringMatching(/^(?:ENETUNREACH|EHOSTUNREACH|dropped)$/)),
    );
  });

  test.each([
    ['that the compose file has not made', []],
    ['that has a way out by somebody else', ['--env', 'PUMPRANGE_COMPOSE_ROUTER=10.18.23.77']],
  ])('a component in a container %s refuses', async (_what, flags) => {
    const box = [
      'docker',
      'run',
      '--rm',
      '--network',
      `${PROJECT}_business-office`,
      '--ip',
      '10.18.23.50',
      ...flags,
    ];
    const serve = ['pumprange', 'serve', 'broker', '--dir', '/tmp/d', '--address', '10.18.23.50'];
    expect(await docker.run([...(box as ['docker']), '--tmpfs', '/tmp', ...serve])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('PR_GUARDRAIL'),
    });
  });

  test('goes down and leaves nothing', async () => {
    await compose(pageLine(/ down -v$/));
    expect(await containers()).toEqual([]);
    expect(await said('docker', 'volume', 'ls', '-q')).toBe('');
    expect(await said('docker', 'network', 'ls', '-q', '--filter', `name=${PROJECT}`)).toBe('');
  }, 120_000);
});

async function feed(on: Docker, command: readonly [string, ...string[]], input: Buffer): Promise<void> {
  const ended = await on.run(command, { input });
  expect(ended, `${command.join(' ')}\n${ended.stdout.slice(-2_000)}\n${ended.stderr}`).toMatchObject({
    code: 0,
  });
}

/** Asks over the control port: standard input and output. */
async function askComponent(container: string, method: string): Promise<unknown> {
  const attached = docker.start(['docker', 'attach', '--sig-proxy=false', container]);
  try {
    return await new Promise((resolve, reject) => {
      let printed = '';
      const timer = setTimeout(() => reject(new Error(`${container} does not answer: ${printed}`)), 20_000);
      attached.stdout?.on('data', (bytes) => {
        printed += bytes;
        const line = printed.split('\n').find((one) => one.includes('"id":1,'));
        if (line === undefined) return;
        clearTimeout(timer);
        resolve(JSON.parse(line).result);
      });
      attached.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method })}\n`);
    });
  } finally {
    attached.kill('SIGKILL');
  }
}
