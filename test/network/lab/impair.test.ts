import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examineImpairment, impairmentsTable } from '../../../network/lab/impair.ts';
import { type Lab, type LabPlace, openLab } from '../../../network/lab/index.ts';
import { canHaveLab, openOptions, shippedLayout, tcp } from '../../helpers/lab.ts';

const layout = shippedLayout();
const at = (zone: string): LabPlace => ({ zone, side: 'visitor' });
const BROKER = '10.18.26.10';

test('a partition and a loss are rules for both directions; a delay is none of the firewall', () => {
  const text = impairmentsTable(
    [
      { kind: 'partition', zone: 'guest', other: 'core' },
      { kind: 'loss', zone: 'database', percent: 2.5 },
      { kind: 'delay', zone: 'guest', ms: 20 },
    ],
    layout,
  );
  expect(text.split('\n').filter((line) => line.includes('drop'))).toEqual([
    '    iifname "pr-guest" oifname "pr-core" counter drop comment "partition"',
    '    iifname "pr-core" oifname "pr-guest" counter drop comment "partition"',
    '    iifname "pr-database" numgen random mod 1000 < 25 counter drop comment "loss"',
    '    oifname "pr-database" numgen random mod 1000 < 25 counter drop comment "loss"',
  ]);
  expect(impairmentsTable([{ kind: 'delay', zone: 'guest', ms: 20 }], layout)).toBe('');
});

test('a tenth of a per cent is one, however a number has it', () => {
  for (const percent of [0.1, 0.3, 0.7, 33.3, 99.9]) {
    expect(() => examineImpairment({ kind: 'loss', zone: 'guest', percent }, layout)).not.toThrow();
    const text = impairmentsTable([{ kind: 'loss', zone: 'guest', percent }], layout);
    expect(text).toContain(`mod 1000 < ${Math.round(percent * 10)} `);
  }
});

test.each([
  { kind: 'loss', zone: 'guest', percent: 0 },
  { kind: 'loss', zone: 'guest', percent: 0.05 },
  { kind: 'loss', zone: 'guest', percent: 100.1 },
  { kind: 'loss', zone: 'guest', percent: Number.NaN },
  { kind: 'delay', zone: 'guest', ms: 0 },
  { kind: 'delay', zone: 'guest', ms: 60_001 },
  { kind: 'delay', zone: 'nowhere', ms: 5 },
  { kind: 'partition', zone: 'guest', other: 'nowhere' },
  { kind: 'partition', zone: 'guest', other: 'guest' },
] as const)('%j cannot be', (impairment) => {
  expect(() => examineImpairment(impairment, layout)).toThrow(expect.objectContaining({ code: 'PR_USAGE' }));
});

describe.skipIf(!canHaveLab())('an impaired lab', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab(openOptions('ia'));
  });
  afterAll(() => lab.close());

  test('is cut where it is said, over both versions of IP, and nowhere else, also under another ruleset', async () => {
    await lab.impair({ kind: 'partition', zone: 'medical-devices', other: 'clinical-services' });
    const look = async (): Promise<readonly string[]> => [
      await tcp(lab, at('medical-devices'), BROKER, 8883),
      await tcp(lab, at('medical-devices'), 'fd18:8:26::a', 8883),
      await tcp(lab, at('clinical-services'), '10.18.20.20', 80),
      await tcp(lab, at('medical-devices'), '10.18.25.10', 8443),
      await tcp(lab, at('enterprise-services'), BROKER, 8883),
      // A neighbour.
      await tcp(lab, at('clinical-services'), BROKER, 8883),
    ];
    const cut = ['dropped', 'dropped', 'dropped', 'ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED'];
    expect(await look()).toEqual(cut);
    await lab.load(
      'flush ruleset\ntable inet other {\n  chain c { type filter hook forward priority 0; }\n}\n',
    );
    expect(await look()).toEqual(cut);
    await lab.heal();
    expect(await look()).toEqual(Array.from({ length: 6 }, () => 'ECONNREFUSED'));
  });

  test('loses what it is said to lose', async () => {
    await lab.impair({ kind: 'loss', zone: 'guest', percent: 100 });
    expect(await tcp(lab, at('guest'), BROKER, 80)).toBe('dropped');
    expect(lab.impairments()).toEqual([{ kind: 'loss', zone: 'guest', percent: 100 }]);
    const lost = (await lab.counts()).filter(({ name }) => name === 'loss');
    expect(lost.reduce((sum, { packets }) => sum + packets, 0)).toBeGreaterThan(0);
    await lab.heal();
    expect(await tcp(lab, at('guest'), BROKER, 80)).toBe('ECONNREFUSED');
  });

  test('is delayed where the kernel can, and says the name of the module where it cannot', async () => {
    const delaying = lab.impair({ kind: 'delay', zone: 'guest', ms: 150 });
    const refused = await delaying.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refused === undefined) {
      const began = performance.now();
      expect(await tcp(lab, at('guest'), BROKER, 80)).toBe('ECONNREFUSED');
      expect(performance.now() - began).toBeGreaterThan(150);
      await lab.heal();
    } else {
      expect(refused).toMatchObject({ code: 'PR_LAB_KERNEL', message: expect.stringContaining('sch_netem') });
      // And nothing of it stays.
      expect(lab.impairments()).toEqual([]);
    }
  });
});
