import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileRuleset, layOut, loadZonePlan } from '../../../network/index.ts';
import { type Lab, openLab } from '../../../network/lab/index.ts';
import type { Cell } from '../../../network/table/document.ts';
import type { ProbedFloor } from '../../../network/table/floor.ts';
import { openProbers } from '../../../network/table/probers.ts';
import { rulesetJudge } from '../../../network/table/ruleset-judge.ts';
import { runTable, type Table } from '../../../network/table/run-table.ts';
import { HOUSE } from '../../../tools/house.ts';
import { canHaveLab, openOptions } from '../../helpers/lab.ts';
import { PROBER } from '../probe/open-prober.ts';
import { startStandIns } from './stand-ins.ts';

const policy = loadZonePlan(join(HOUSE, 'network/zones/sp1800-8.yaml'));
const layout = layOut(policy, 2);
const compiled = compileRuleset(policy, layout);

const floor: ProbedFloor = {
  listens: (_, { service }) => service !== undefined && service !== 'mqtt-plaintext',
  ...{ tls: [], mqtt: [], greets: new Set(['pump']) },
};

describe.skipIf(!canHaveLab())('the truth table in a lab', () => {
  let lab: Lab;
  let probers: Awaited<ReturnType<typeof openProbers>>;
  beforeAll(async () => {
    lab = await openLab(openOptions(`table${process.pid % 10_000}`, { layout, ruleset: compiled }));
    await startStandIns(lab, policy, ['mqtt-plaintext']);
    probers = await openProbers(lab, PROBER);
  });
  afterAll(async () => {
    await probers?.stop();
    await lab?.close();
  });

  async function table(ruleset: string): Promise<Table> {
    await lab.load(ruleset);
    const judge = rulesetJudge(await lab.listRuleset(), layout, Date.now());
    const ipVersions = ['ipv4', 'ipv6'] as const;
    const ground = { policy, layout, floor, atMs: Date.now(), ipVersions, judge };
    return runTable({ ...ground, proberOf: probers.of });
  }
  const wrong = (cells: readonly Cell[]): Cell[] => cells.filter(({ held, agrees }) => !held || !agrees);

  it('holds throughout for the compiled ruleset, over both versions of IP', async () => {
    const { cells } = await table(compiled);
    expect(wrong(cells)).toEqual([]);
    expect(
      cells.filter(({ layer, actual }) => layer === 'pump-services' && actual === 'reached'),
    ).toHaveLength(80);
  });

  it('names the rule that is too wide', async () => {
    const wide = compiled.replace(
      'ct state invalid',
      'iifname "pr-guest" counter accept comment "wifi-for-all"\n    ct state invalid',
    );
    const { cells } = await table(wide);
    const found = wrong(cells);
    expect(found.length).toBeGreaterThan(100);
    expect(new Set(found.map(({ from, by, held }) => `${from} ${by} ${held}`))).toEqual(
      new Set(['guest rule "wifi-for-all" false', 'guest-laptop rule "wifi-for-all" false']),
    );
  });

  it('names the conduit that is missing', async () => {
    const narrow = compiled
      .split('\n')
      .filter((line) => !line.includes('"medical-devices-to-broker"'))
      .join('\n');
    const { cells } = await table(narrow);
    const found = wrong(cells);
    expect(new Set(found.map(({ by, fromZone, to }) => `${by} ${fromZone} ${to}`))).toEqual(
      new Set(['conduit medical-devices-to-broker medical-devices broker']),
    );
    expect(found.find(({ service }) => service === 'mqtt-tls')).toMatchObject({
      ...{ expected: 'open', actual: 'dropped', static: 'dropped', agrees: true },
      why: 'missing: the ruleset has nothing for conduit medical-devices-to-broker; rule "default-deny" ends it',
    });
  });

  it('tells a firewall that says no from a host that does', async () => {
    const loud = compiled.replace(
      /drop comment "default-deny"/,
      'reject with icmpx admin-prohibited comment "default-deny"',
    );
    const { cells } = await table(loud);
    expect(wrong(cells)).toEqual([]);
    const refused = cells.find(
      ({ from, to, probe }) => from === 'guest' && to === 'broker' && probe === 'tcp/22',
    );
    // The router tells of some only: a kernel sends so many prohibitions a second, and no more.
    expect(refused).toMatchObject({ expected: 'dropped', static: 'refused', held: true });
    expect(cells.some(({ actual, detail }) => actual === 'refused' && detail.includes('prohibited'))).toBe(
      true,
    );
  });
});
