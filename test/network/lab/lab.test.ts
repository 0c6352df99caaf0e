import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  attachLab,
  ipv4Only,
  type Lab,
  type LabPlace,
  openLab,
  takeDown,
} from '../../../network/lab/index.ts';
import {
  canHaveLab,
  hostChanges,
  hostNetwork,
  openOptions,
  shippedLayout,
  TOOL_FOLDERS,
  tcp,
  within,
} from '../../helpers/lab.ts';

const pumpsVisitor: LabPlace = { zone: 'medical-devices', side: 'visitor' };
const guest: LabPlace = { zone: 'guest', side: 'visitor' };
const BROKER = '10.18.26.10';
const CLOSED =
  'table inet own {\n  chain forward {\n    type filter hook forward priority 0; policy drop;\n  }\n}\n';

describe.skipIf(!canHaveLab())('a lab', () => {
  let before: ReturnType<typeof hostNetwork>;
  const labs: Lab[] = [];
  const open = async (...options: Parameters<typeof openOptions>): Promise<Lab> => {
    const lab = await openLab(openOptions(...options));
    labs.push(lab);
    return lab;
  };

  beforeEach(() => {
    before = hostNetwork();
  });
  afterEach(async () => {
    for (const lab of labs.splice(0)) await lab.close();
    expect(hostChanges(before)).toEqual([]);
  });

  test('lets everybody reach everybody where the ruleset is empty, over both versions of IP', async () => {
    const lab = await open('ta');
    expect(hostChanges(before)).toEqual([]);
    expect(await tcp(lab, pumpsVisitor, BROKER, 8883)).toBe('ECONNREFUSED');
    expect(await tcp(lab, pumpsVisitor, 'fd18:8:26::a', 8883)).toBe('ECONNREFUSED');
    // A neighbour, without the router.
    expect(await tcp(lab, pumpsVisitor, '10.18.20.20', 20_080)).toBe('ECONNREFUSED');
    expect(await tcp(lab, pumpsVisitor, 'fd18:8:20::14', 20_080)).toBe('ECONNREFUSED');
  });

  test('keeps what is isolated apart from its neighbours, and not from its router', async () => {
    const lab = await open('tb');
    // Nobody answers who has the address; that takes the kernel 3 s to say.
    expect(await tcp(lab, guest, '10.18.22.50', 80)).toBe('dropped');
    expect(await tcp(lab, guest, 'fd18:8:22::32', 80)).toBe('dropped');
    expect(await tcp(lab, guest, '10.18.22.1', 80)).toBe('ECONNREFUSED');
    expect(await tcp(lab, guest, BROKER, 80)).toBe('ECONNREFUSED');
  });

  test('has no way out', async () => {
    const lab = await open('tc');
    const links = await within(lab, guest, ['ip', '-o', 'link']);
    expect(links.printed.match(/^\d+: \S+/gm)).toEqual(['1: lo:', expect.stringMatching(/^\d+: eth0@/)]);
    expect(await tcp(lab, guest, '192.0.2.1', 80)).toBe('ENETUNREACH');
  });

  test('takes another ruleset at once, and keeps the old one where the new one does not load', async () => {
    const lab = await open('td', { ruleset: CLOSED });
    expect(await tcp(lab, pumpsVisitor, BROKER, 8883)).toBe('dropped');
    await expect(
      lab.load('table inet own {\n  chain x {\n    ct state bogus accept\n  }\n}\n', 'my.nft'),
    ).rejects.toMatchObject({
      code: 'PR_LAB_RULESET',
      message: expect.stringMatching(/^my\.nft:3:\d+-\d+: Error: .*conntrack state/),
    });
    expect(await tcp(lab, pumpsVisitor, BROKER, 8883)).toBe('dropped');
    await lab.load(
      'table inet own {\n  chain f {\n    type filter hook forward priority 0;\n    counter comment "seen"\n  }\n}\n',
    );
    expect(await tcp(lab, pumpsVisitor, BROKER, 8883)).toBe('ECONNREFUSED');
    expect(await lab.counts()).toEqual([
      { table: 'own', chain: 'f', name: 'seen', packets: 2, bytes: expect.any(Number) },
    ]);
  });

  test('does not come up with a ruleset that does not load, and leaves nothing', async () => {
    const wrong = openOptions('te', { ruleset: 'table inet {', rulesetName: 'wrong.nft' });
    await expect(openLab(wrong)).rejects.toMatchObject({
      code: 'PR_LAB_RULESET',
      message: expect.stringContaining('wrong.nft:1:'),
    });
    expect(() => attachLab('te', TOOL_FOLDERS)).toThrow(expect.objectContaining({ code: 'PR_LAB_NOT_UP' }));
    await open('te');
  });

  test('of one name is up once; of two names there are two, with the same addresses', async () => {
    const one = await open('tf');
    await expect(openLab(openOptions('tf'))).rejects.toMatchObject({
      code: 'PR_LAB_IN_USE',
      message: expect.stringContaining(String(process.pid)),
    });
    const other = await open('tf2', { ruleset: CLOSED });
    expect(await tcp(one, guest, BROKER, 80)).toBe('ECONNREFUSED');
    expect(await tcp(other, guest, BROKER, 80)).toBe('dropped');
    await one.close();
    expect(await tcp(other, { zone: 'clinical-services', side: 'visitor' }, BROKER, 80)).toBe('ECONNREFUSED');
  });

  test('ends what runs in it, and nothing else, when it is closed', async () => {
    const lab = await open('tg');
    const inside = lab.spawn(guest, ['sleep', '1000'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => inside.once('close', (_, signal) => resolve(signal)));
    await expect.poll(() => lab.processes().map(({ command }) => command)).toEqual(['sleep 1000']);
    await lab.close();
    expect(await ended).toBe('SIGKILL');
    expect(lab.processes()).toEqual([]);
    await expect(lab.counts()).rejects.toMatchObject({ code: 'PR_LAB_NOT_UP' });
    await lab.close();
  });

  test('is without IPv6 where no zone has it', async () => {
    const lab = await open('th', { layout: ipv4Only(shippedLayout()) });
    expect(await tcp(lab, guest, BROKER, 80)).toBe('ECONNREFUSED');
    expect(await tcp(lab, guest, 'fd18:8:26::a', 80)).toBe('ENETUNREACH');
  });

  test('that another process left is named, removed by taking it down, and comes up anew', async () => {
    await expect(takeDown('ti', TOOL_FOLDERS)).resolves.toBe('nothing');
    const lab = await open('ti');
    expect(attachLab('ti', TOOL_FOLDERS).layout).toEqual(lab.layout);
    const sleeper = lab.spawn(guest, ['sleep', '1000'], { stdio: 'ignore', detached: true });
    forget('ti');
    const leftOver = {
      code: 'PR_LAB_LEFT_OVER',
      message: expect.stringContaining('network lab down --name ti'),
    };
    await expect(openLab(openOptions('ti'))).rejects.toMatchObject(leftOver);
    expect(() => attachLab('ti', TOOL_FOLDERS)).toThrow(expect.objectContaining(leftOver));
    await expect(takeDown('ti', TOOL_FOLDERS)).resolves.toBe('left-over');
    await expect.poll(() => sleeper.signalCode, { timeout: 30_000 }).toBe('SIGKILL');
    await open('ti');
  });
});

/** As a restart of the machine's `/run`, or a killed owner, would have it. */
function forget(name: string): void {
  rmSync(`/run/pumprange/${name}`, { recursive: true });
}
