import { describe, expect, it } from 'vitest';
import { CONTROL_IDS, type ControlId } from '../../../protocol/index.ts';
import { type CellOrder, isUnreal, orderName, runMatrix } from '../../../scenarios/index.ts';
import { attackRun, cellRun, LAYERED, STOPPED, scenario } from './runs.ts';

type Attack = NonNullable<Parameters<typeof cellRun>[1]>;

/** A floor that is stopped by whatever `stops` says for a cell; everybody asks for `consulted`. */
function floor(
  stops: (order: CellOrder) => Attack,
  consulted: readonly ControlId[] = CONTROL_IDS,
): { readonly orders: string[]; readonly carryOut: Parameters<typeof runMatrix>[0]['carryOut'] } {
  const orders: string[] = [];
  return {
    orders,
    carryOut: async (order) => {
      orders.push(orderName(order));
      return cellRun(order, stops(order), consulted);
    },
  };
}

/** `mutual-tls` is the only thing that stops it. */
const onlyMutualTls = ({ cell }: CellOrder): Attack => {
  switch (cell.cell) {
    case 'bare':
      return attackRun();
    case 'all':
      return STOPPED;
    case 'alone':
      return cell.control === 'mutual-tls' || cell.control === 'server-identity' ? STOPPED : attackRun();
    case 'removed':
      return cell.control === 'mutual-tls' ? attackRun({ detectedAfterMs: 5_000 }) : STOPPED;
    case 'lost':
      return cell.domain === 'transport' ? attackRun({ detectedAfterMs: 5_000 }) : STOPPED;
  }
};

const options = { base: LAYERED, residuals: [], exhaustive: true };

describe('the matrix', () => {
  it('says which control stops an attack alone, which layer that is, and what it is without', async () => {
    const { carryOut } = floor(onlyMutualTls);
    const { report } = await runMatrix({ ...options, carryOut, scenarios: [scenario('a', 'attack')] });
    const [attack] = report.attacks;
    expect(attack).toMatchObject({ id: 'a', firmware: null, succeedsBare: true, boundedByAll: true });
    expect(attack?.alone['mutual-tls']).toBe('stops');
    expect(attack?.removed['mutual-tls']).toBe('detects');
    expect(attack?.removed['topic-authorization']).toBe('stops');
    expect(attack?.layers).toEqual(['transport']);
    expect(attack?.domainLost.transport).toBe('detects');
    expect(attack?.residual).toEqual(['transport']);
    expect(report.idleControls).toEqual(CONTROL_IDS.filter((id) => id !== 'mutual-tls'));
  });

  it('gives a control no credit for what another does on which it depends', async () => {
    const { carryOut } = floor(onlyMutualTls);
    const { report } = await runMatrix({ ...options, carryOut, scenarios: [scenario('a', 'attack')] });
    // `server-identity` is tried with `mutual-tls`, without which it is nothing.
    expect(report.attacks[0]?.alone['server-identity']).toBe('none');
  });

  it('lets no layer stand alone that needs another domain, unless the attack is on what it needs', async () => {
    const { carryOut } = floor(({ cell }) =>
      cell.cell === 'alone' && cell.control === 'identity-binding' ? STOPPED : attackRun(),
    );
    const layersOf = async (firmware = '') => {
      const scenarios = [scenario('a', 'attack', firmware)];
      return (await runMatrix({ ...options, carryOut, scenarios })).report.attacks[0]?.layers;
    };
    // `identity-binding` of the broker is nothing without `mutual-tls` of transport.
    expect(await layersOf()).toEqual([]);
    expect(await layersOf('  presupposes: [mutual-tls]\n')).toEqual(['broker']);
  });

  it('counts no essential performance as a layer, for the attack succeeds where it stands', async () => {
    const { carryOut } = floor(({ cell }) =>
      attackRun(cell.cell === 'alone' && cell.control === 'local-autonomy' ? { overMl: 40 } : {}),
    );
    const { report } = await runMatrix({ ...options, carryOut, scenarios: [scenario('a', 'attack')] });
    expect(report.attacks[0]).toMatchObject({ alone: { 'local-autonomy': 'limits' }, layers: [] });
  });

  it('takes a residual that nobody has looked at for a failure, and one that is no more for stale', async () => {
    const { carryOut } = floor(onlyMutualTls);
    const scenarios = [scenario('a', 'attack')];
    const entry = { attack: 'a', reason: 'r', bound: 'b', upTo: attackRun().harm, mends: 'm' } as const;
    const open = await runMatrix({ ...options, carryOut, scenarios });
    expect(open.report.unreviewedResiduals).toEqual([{ attack: 'a', firmware: null, domain: 'transport' }]);
    const reviewed = await runMatrix({
      ...options,
      carryOut,
      scenarios,
      residuals: [
        { ...entry, domains: ['transport'] },
        { ...entry, domains: ['network'] },
      ],
    });
    expect(reviewed.report.unreviewedResiduals).toEqual([]);
    expect(reviewed.stale).toEqual([{ ...entry, domains: ['network'] }]);
  });

  it('takes a residual that does more harm than somebody looked at for one that nobody has', async () => {
    const { carryOut } = floor(onlyMutualTls);
    const upTo = { ...attackRun().harm, overMl: 9.9 };
    const { report } = await runMatrix({
      ...options,
      carryOut,
      scenarios: [scenario('a', 'attack')],
      residuals: [{ attack: 'a', domains: ['transport'], reason: 'r', bound: 'b', upTo, mends: 'm' }],
    });
    expect(report.attacks[0]?.residualHarm.transport?.overMl).toBe(10);
    expect(report.unreviewedResiduals).toHaveLength(1);
  });

  it('has a line for each firmware that an attack depends on', async () => {
    const { carryOut } = floor(onlyMutualTls);
    const both = scenario('a', 'attack', '  firmware: [vulnerable, patched]\n');
    const { report } = await runMatrix({ ...options, carryOut, scenarios: [both] });
    expect(report.attacks.map(({ firmware }) => firmware)).toEqual(['vulnerable', 'patched']);
  });

  it('runs no other cell of an attack that the newest firmware itself stops, and does not call it unreal', async () => {
    const { carryOut, orders } = floor((order) =>
      order.firmware === 'patched' ? STOPPED : onlyMutualTls(order),
    );
    const both = scenario('a', 'attack', '  firmware: [vulnerable, patched]\n');
    const { report } = await runMatrix({ ...options, carryOut, scenarios: [both] });
    expect(orders.filter((name) => name.includes('patched'))).toEqual([
      'a (patched), all',
      'a (patched), bare',
    ]);
    expect(report.attacks[1]).toMatchObject({ mendedByFirmware: true, alone: {}, layers: [], residual: [] });
    expect(report.attacks.map(isUnreal)).toEqual([false, false]);
    const patched = scenario('a', 'attack', '  firmware: [patched]\n');
    const only = await runMatrix({ ...options, carryOut, scenarios: [patched] });
    expect(only.report.attacks.map(isUnreal)).toEqual([true]);
  });

  it('takes an attack that stays within its bound on the bare floor for none', async () => {
    const harmless = attackRun({ overMl: 0.5, bounded: true });
    const { carryOut } = floor(({ cell }) => (cell.cell === 'bare' ? harmless : STOPPED));
    const { report } = await runMatrix({ ...options, carryOut, scenarios: [scenario('a', 'attack')] });
    expect(report.attacks[0]).toMatchObject({ succeedsBare: true, boundedBare: true });
    expect(report.attacks.map(isUnreal)).toEqual([true]);
  });

  it('scores no cell in which the adversary broke down by itself, and says so', async () => {
    const broken = { ...STOPPED, brokenSteps: ['listen'] };
    const { carryOut } = floor((order) =>
      orderName(order) === 'a, lost:broker' || orderName(order) === 'a, alone:rate-limit'
        ? broken
        : onlyMutualTls(order),
    );
    const { report } = await runMatrix({ ...options, carryOut, scenarios: [scenario('a', 'attack')] });
    const [attack] = report.attacks;
    expect(attack?.domainLost.broker).toBeUndefined();
    expect(attack?.alone['rate-limit']).toBeUndefined();
    expect(attack?.unscored).toEqual(['lost:broker', 'alone:rate-limit']);
  });

  it('takes away nothing of what the attack is on', async () => {
    const { carryOut, orders } = floor(onlyMutualTls);
    const on = scenario('a', 'attack', '  presupposes: [server-identity]\n');
    const { report } = await runMatrix({ ...options, carryOut, scenarios: [on] });
    expect(orders.filter((name) => /(mutual-tls|server-identity)$/.test(name))).toEqual([]);
    expect(report.attacks[0]?.removed['mutual-tls']).toBeUndefined();
  });

  it('says which control breaks care, alone or with all the others', async () => {
    const broken = ({ cell }: CellOrder): boolean =>
      cell.cell === 'all' || (cell.cell === 'alone' && cell.control === 'rate-limit');
    const { report } = await runMatrix({
      ...options,
      scenarios: [scenario('c', 'care')],
      carryOut: async (order) => {
        const run = cellRun(order, undefined, []);
        return { ...run, result: { ...run.result, verdict: broken(order) ? 'fail' : 'pass' } };
      },
    });
    expect(report.care).toEqual([
      { id: 'c', title: 'c', brokenBy: ['rate-limit'], brokenByAll: true, falseAlerts: [] },
    ]);
  });
});

describe('a removed cell whose control nobody asked for with all of them on', () => {
  const scenarios = [scenario('a', 'attack')];

  it('is inferred, and says so', async () => {
    const { carryOut, orders } = floor(onlyMutualTls, ['mutual-tls']);
    const { report } = await runMatrix({ ...options, exhaustive: false, carryOut, scenarios });
    expect(orders.filter((name) => name.includes('removed'))).toEqual(['a, removed:mutual-tls']);
    expect(report.attacks[0]?.inferred).toEqual(CONTROL_IDS.filter((id) => id !== 'mutual-tls'));
    expect(report.attacks[0]?.removed['rate-limit']).toBe('stops');
    expect(report.runs).toBe(orders.length);
  });

  it('is run all the same where everything is', async () => {
    const { carryOut, orders } = floor(onlyMutualTls, []);
    const { report } = await runMatrix({ ...options, exhaustive: true, carryOut, scenarios });
    expect(orders.filter((name) => name.includes('removed'))).toHaveLength(CONTROL_IDS.length);
    expect(report.attacks[0]?.inferred).toEqual([]);
  });

  it('is found out where it was wrong to infer it', async () => {
    const checks = ({ cell }: CellOrder): boolean => 'control' in cell && cell.control === 'mutual-tls';
    const { carryOut } = floor(onlyMutualTls, []);
    const wrong = await runMatrix({ ...options, exhaustive: false, carryOut, scenarios, checks });
    expect(wrong.wronglyInferred).toEqual(['a, removed:mutual-tls']);
    const right = await runMatrix({
      ...options,
      exhaustive: false,
      scenarios,
      checks,
      carryOut: floor(({ cell }) => (cell.cell === 'bare' ? attackRun() : STOPPED), []).carryOut,
    });
    expect(right.wronglyInferred).toEqual([]);
  });
});
