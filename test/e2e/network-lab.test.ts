import { execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attachLab } from '../../network/lab/index.ts';
import { connectControl } from '../../testbed/control-client.ts';
import { BIN, type Ended, follow, pumprange, start, tempFolder } from '../helpers/command.ts';
import { canHaveLab, hostChanges, hostNetwork, TOOL_FOLDERS, tcp } from '../helpers/lab.ts';

const lab = (...args: string[]): Promise<Ended> => pumprange(['network', 'lab', ...args]);

/** The command with another environment, or as somebody else. */
function labAs(options: SpawnOptions, ...args: string[]): Promise<Ended> {
  const all: SpawnOptions = { cwd: '/', ...options, stdio: ['ignore', 'pipe', 'pipe'] };
  return follow(spawn(process.execPath, [BIN, 'network', 'lab', ...args], all)).ended;
}

async function reportOf(...args: string[]) {
  const { code, stdout, stderr } = await lab(...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

describe.skipIf(!canHaveLab())('pumprange network lab', () => {
  let before: ReturnType<typeof hostNetwork>;
  const names: string[] = [];
  const named = (name: string): readonly ['--name', string] => {
    names.push(name);
    return ['--name', name];
  };

  beforeEach(() => {
    before = hostNetwork();
  });
  afterEach(async () => {
    for (const name of names.splice(0)) {
      await lab('down', '--name', name);
      expect(execFileSync('ip', ['netns'], { encoding: 'utf8' })).not.toContain(`pr-${name}-`);
    }
    expect(hostChanges(before)).toEqual([]);
  });

  test('up stays, status tells what stands where, down removes it', async () => {
    const name = named('ea');
    const up = await reportOf('up', ...name, '--no-floor', '--pumps', '2');
    expect(hostChanges(before)).toEqual([]);
    const status = await reportOf('status', ...name);
    expect(status).toEqual(up);
    expect(status).toMatchObject({
      version: 1,
      name: 'ea',
      plan: 'sp1800-8',
      impairments: [],
      processes: [],
    });
    expect(status.zones).toHaveLength(9);
    expect(status.rules).toContainEqual(
      expect.objectContaining({ chain: 'forward', name: 'medical-devices-to-broker', packets: 0 }),
    );
    expect(status.assets).toContainEqual({
      ...{ asset: 'pump', index: 1, zone: 'medical-devices' },
      ...{ ipv4: '10.18.20.21', ipv6: 'fd18:8:20::15' },
    });
    const people = await lab('status', ...name);
    expect(people.stdout).toMatch(/pump 2 +medical-devices +10\.18\.20\.21 +fd18:8:20::15/);
    expect(await lab('down', ...name)).toMatchObject({ code: 0, stdout: 'lab "ea" is down\n', stderr: '' });
    expect(await lab('down', ...name)).toMatchObject({ code: 0, stdout: 'no lab "ea" was up\n' });
    const gone = { code: 2, stderr: expect.stringContaining('PR_LAB_NOT_UP') };
    expect(await lab('status', ...name)).toMatchObject(gone);
  });

  test('two labs of one name are not up at once; after kill -9 it says how to remove what is left', async () => {
    const name = named('eb');
    const { keeper } = await reportOf('up', ...name, '--no-floor');
    const again = await lab('up', ...name, '--no-floor');
    expect(again).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('PR_LAB_IN_USE') });
    process.kill(keeper, 'SIGKILL');
    for (const args of [['up', '--no-floor'], ['status'], ['heal']]) {
      expect(await lab(...args, ...name)).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/PR_LAB_LEFT_OVER.*`pumprange network lab down --name eb`/),
      });
    }
    expect(await lab('down', ...name)).toMatchObject({
      code: 0,
      stdout: 'what was left of lab "eb" is gone\n',
    });
    await reportOf('up', ...name, '--no-floor');
  });

  test('takes a ruleset of its user, says which line does not load, and counts what passes', async () => {
    const file = join(tempFolder(), 'own.nft');
    writeFileSync(file, '#!/usr/sbin/nft -f\nflush ruleset\ntable inet own {\n  chain f { wrong }\n}\n');
    expect(await lab('up', ...named('ec'), '--no-floor', '--ruleset', file)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/PR_LAB_RULESET: \S+own\.nft:4:/),
    });
    writeFileSync(
      file,
      'table inet own {\n  chain f {\n    type filter hook forward priority 0; policy drop;\n    counter comment "seen"\n  }\n}\n',
    );
    const name = named('ed');
    const { rules } = await reportOf('up', ...name, '--no-floor', '--ruleset', file);
    expect(rules).toEqual([{ table: 'own', chain: 'f', name: 'seen', packets: 0, bytes: 0 }]);
  });

  test('impairs the network and heals it; a delay where the kernel has no netem is refused with its name', async () => {
    const name = named('ee');
    await reportOf('up', ...name, '--no-floor');
    const impaired = await lab('impair', 'medical-devices', 'clinical-services', '--partition', ...name);
    expect(impaired).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('nothing passes between medical-devices and clinical-services'),
    });
    expect(await lab('impair', 'guest', '--loss', '2.5', ...name)).toMatchObject({ code: 0 });
    const delayed = await lab('impair', 'guest', '--delay', '20ms', ...name);
    if (delayed.code !== 0)
      expect(delayed).toMatchObject({ code: 3, stderr: expect.stringMatching(/PR_LAB_KERNEL.*sch_netem/) });
    const impairments = (await reportOf('status', ...name)).impairments;
    expect(impairments.slice(0, 2)).toEqual([
      expect.stringMatching(/^partition: .*nftables at the router/),
      expect.stringMatching(/^loss: 2\.5 % .*guest and every other zone/),
    ]);
    expect(await lab('heal', ...name)).toMatchObject({ code: 0 });
    const { impairments: left, rules } = await reportOf('status', ...name);
    expect(left).toEqual([]);
    expect(rules.filter((one: { table: string }) => one.table !== 'pumprange')).toEqual([]);
  });

  test('is told what cannot be', async () => {
    const name = named('ef');
    await reportOf('up', ...name, '--no-floor');
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['nowhere', '--partition'], /there is no zone "nowhere"/],
      [['guest', '--partition', '--loss', '1'], /one of/],
      [['guest', '--loss', 'much'], /0\.1 to 100/],
      [['guest', 'core', '--delay', '5ms'], /of one zone/],
    ];
    for (const [args, said] of wrong) {
      const ended = await lab('impair', ...args, ...name);
      expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(said) });
    }
  });

  test('is told what is missing, with exit code 3', async () => {
    const env = { ...process.env, PATH: '/nowhere' };
    expect(await labAs({ env }, 'up', '--no-floor', ...named('eg'))).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/PR_LAB_TOOL: .*iproute2[\s\S]*apt-get install iproute2 nftables/),
    });
    const nobody = { uid: 65_534, gid: 65_534 };
    expect(await labAs(nobody, 'up', '--no-floor', '--name', 'eg')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/PR_LAB_PRIVILEGE: .*CAP_NET_ADMIN and CAP_SYS_ADMIN[\s\S]*as root/),
    });
  });

  test('has the floor in its zones: pumps reach the broker, the workshop a pump, a guest nobody', async () => {
    const name = named('ei');
    // A posture that leaves it to the firmware which services a pump has.
    const up = await reportOf('up', ...name, '--pumps', '3', '--posture', 'mutual-tls-only');
    expect(up.components.map((one: { name: string; zone: string }) => `${one.name} in ${one.zone}`)).toEqual(
      expect.arrayContaining([
        'pki in enterprise-services',
        'broker in clinical-services',
        'pump-server in clinical-services',
        'pumps in medical-devices',
        'stand-ins in database',
      ]),
    );
    const control = await connectControl('/run/pumprange/ei', () => undefined);
    const online = async (): Promise<unknown> =>
      ((await control.call('pumps')) as { online: boolean }[]).map((pump) => pump.online);
    await expect.poll(online, { timeout: 30_000 }).toEqual([true, true, true]);
    control.close();
    const there = attachLab('ei', TOOL_FOLDERS);
    const from = (zone: string, host: string, port: number): Promise<string> =>
      tcp(there, { zone, side: 'visitor' }, host, port);
    const console_ = 20_023;
    // The first pump runs the oldest firmware, which has a console; the third one the newest, which has none.
    expect(await from('biomedical-engineering', '10.18.20.20', console_)).toBe('open');
    expect(await from('biomedical-engineering', 'fd18:8:20::14', console_)).toBe('open');
    expect(await from('biomedical-engineering', '10.18.20.22', console_)).toBe('ECONNREFUSED');
    expect(await from('guest', '10.18.20.20', console_)).toBe('dropped');
    expect(await from('clinical-services', '10.18.26.13', 7443)).toBe('open');
    expect(await from('enterprise-services', '10.18.26.10', 8883)).toBe('open');
    // The control channel is out of band: no process of the floor listens on anything that is not in the plan.
    const { processes } = await reportOf('status', ...name);
    expect(processes.length).toBe(up.components.length);
    const broker = processes.find((one: { command: string }) => one.command.includes('serve broker'));
    process.kill(broker.pid, 'SIGKILL');
    await expect
      .poll(async () => (await reportOf('status', ...name)).components, { timeout: 30_000 })
      .toContainEqual({ name: 'broker', zone: 'clinical-services', state: 'ended' });
    process.kill(up.keeper, 'SIGKILL');
    expect(await lab('down', ...name)).toMatchObject({ code: 0, stdout: expect.stringContaining('is gone') });
    const left = processes.filter(({ pid }: { pid: number }) => existsSync(`/proc/${pid}/exe`));
    expect(left).toEqual([]);
    expect(existsSync('/run/pumprange/ei')).toBe(false);
  });

  test('keeps the folder of a floor that was named, with records that are signed to the last line', async () => {
    const name = named('ej');
    const dir = tempFolder();
    await reportOf('up', 'flat', ...name, '--pumps', '2', '--dir', dir, '--posture', 'flat-legacy');
    expect(
      await tcp(attachLab('ej', TOOL_FOLDERS), { zone: 'hospital', side: 'visitor' }, '10.18.0.10', 1883),
    ).toBe('open');
    expect(await lab('down', ...name)).toMatchObject({ code: 0, stdout: 'lab "ej" is down\n' });
    expect(readdirSync(dir)).toEqual(expect.arrayContaining(['evidence.jsonl', 'pki', 'pump-server.sqlite']));
    const verify = ['evidence', 'verify', join(dir, 'evidence.jsonl')];
    const verified = await pumprange([
      ...verify,
      '--checkpoints',
      join(dir, 'evidence-checkpoints.jsonl'),
      '--dir',
      dir,
    ]);
    expect(verified).toMatchObject({ code: 0 });
  });

  test('who stops waiting for it gets none', async () => {
    const name = named('eh');
    const waiting = start(['network', 'lab', 'up', ...name]);
    await expect
      .poll(() => execFileSync('ip', ['netns'], { encoding: 'utf8' }), { interval: 50, timeout: 60_000 })
      .toContain('pr-eh-router');
    waiting.process.kill('SIGKILL');
    await waiting.ended;
    await expect
      .poll(() => execFileSync('ip', ['netns'], { encoding: 'utf8' }), { interval: 50, timeout: 60_000 })
      .not.toContain('pr-eh-');
  });
});

test.each([
  [['up', '--name', 'not-a-name'], /PR_USAGE: "not-a-name" is no name of a lab/],
  [['up', 'no-such-file.yaml'], /PR_FILE_UNREADABLE/],
  [['keep'], /PR_USAGE: `network lab up` starts it/],
])('%j is bad input on every machine', async (args, said) => {
  expect(await lab(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(said) });
});
