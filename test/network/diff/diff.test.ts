import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareTables, newlyReachable } from '../../../network/diff/compare.ts';
import { observedPolicy } from '../../../network/diff/observed.ts';
import { loadZonePlan } from '../../../network/plan/load.ts';
import { passageTo } from '../../../network/plan/policy.ts';
import type { Cell } from '../../../network/table/document.ts';
import { HOUSE } from '../../../testbed/index.ts';

const shipped = (name: string) => loadZonePlan(join(HOUSE, 'network', 'zones', `${name}.yaml`));
const [known, flat] = [shipped('sp1800-8'), shipped('flat')];

function cell(
  from: string,
  to: string,
  service: string,
  actual: Cell['actual'],
  more: Partial<Cell> = {},
): Cell {
  const port = known.assets.get(to)?.services.find(({ name }) => name === service);
  return {
    ...{ from, fromZone: from, to, device: to, address: '10.0.0.1', ipVersion: 'ipv4', layer: 'l3-l4' },
    ...{
      service,
      probe: `${port?.protocol}/${port?.port}`,
      method: 'TCP connect',
      expected: actual,
      actual,
      static: actual,
    },
    ...{
      through: !['dropped', 'refused', 'denied', 'unreachable'].includes(actual),
      agrees: true,
      held: true,
      by: 'rule',
      detail: 'as it is',
      ms: 1,
      ...more,
    },
  };
}

describe('what a change opens and closes', () => {
  test('is told once for all devices of an asset and both versions of IP', () => {
    const table = (actual: Cell['actual']): Cell[] =>
      ['pump/1', 'pump/2'].flatMap((device) =>
        (['ipv4', 'ipv6'] as const).map((ipVersion) =>
          cell('guest', 'pump', 'console', actual, { device, ipVersion }),
        ),
      );
    const changes = compareTables(table('dropped'), table('open'));
    expect(changes).toEqual([
      {
        ...{
          gained: true,
          from: 'guest',
          to: 'pump',
          layer: 'l3-l4',
          probe: 'tcp/20023',
          service: 'console',
          by: 'rule',
        },
        ...{ roles: [], ipVersions: ['ipv4', 'ipv6'], was: ['dropped'], is: ['open'] },
      },
    ]);
    expect(newlyReachable(changes)).toEqual(new Map([['pump', ['guest']]]));
    expect(compareTables(table('open'), table('dropped'))).toMatchObject([{ gained: false }]);
    expect(compareTables(table('dropped'), table('refused'))).toEqual([]);
    const rejected = table('refused').map((one) => ({ ...one, through: false }));
    const closed = rejected.map((one) => ({ ...one, through: true }));
    // The same word on the wire, and a firewall in between.
    expect(compareTables(closed, rejected)).toMatchObject([
      { gained: false, was: ['refused'], is: ['refused'] },
    ]);
  });

  test('is told of a device only where it is not so for any visitor of its zone', () => {
    const table = (visitor: Cell['actual'], device: Cell['actual']): Cell[] => [
      cell('guest', 'broker', 'mqtt-tls', visitor),
      cell('guest-laptop', 'broker', 'mqtt-tls', device, { fromZone: 'guest' }),
    ];
    expect(compareTables(table('dropped', 'dropped'), table('open', 'open')).map(({ from }) => from)).toEqual(
      ['guest'],
    );
    expect(
      compareTables(table('dropped', 'dropped'), table('dropped', 'open')).map(({ from }) => from),
    ).toEqual(['guest-laptop']);
  });

  test('is compared role by role', () => {
    const mqtt = { layer: 'mqtt', probe: 'subscribe patient' } as const;
    const before = [
      cell('guest', 'broker', 'mqtt-tls', 'denied', { ...mqtt, role: 'observer' }),
      cell('guest', 'broker', 'mqtt-tls', 'allowed', { ...mqtt, role: 'gateway' }),
    ];
    const after = before.map((one) => ({ ...one, actual: 'allowed' as const }));
    expect(compareTables(before, after)).toMatchObject([{ roles: ['observer'], gained: true }]);
  });
});

describe('a network as rehearsals have it', () => {
  const reaches = (
    cells: readonly Cell[],
    zone: string,
    service = 'mqtt-tls',
    over: 'ipv4' | 'ipv6' = 'ipv4',
    theirs = known,
  ) =>
    passageTo(
      observedPolicy(known, theirs, cells),
      { zone, asset: undefined },
      { asset: 'broker', service },
      0,
      over,
    ) !== undefined;

  test('lets through what was seen to get through, and nothing else', () => {
    const cells = [
      cell('guest', 'broker', 'mqtt-tls', 'open'),
      cell('business-office', 'broker', 'mqtt-tls', 'dropped'),
    ];
    expect(reaches(cells, 'guest')).toBe(true);
    // The same broker, on a floor without TLS.
    expect(reaches(cells, 'guest', 'mqtt-plaintext')).toBe(true);
    expect(reaches(cells, 'guest', 'mqtt-tls', 'ipv6')).toBe(false);
    expect(reaches(cells, 'business-office')).toBe(false);
  });

  test('holds a closed port for reached, and a prohibition on the way not', () => {
    const refused = (through: boolean) => [cell('guest', 'broker', 'mqtt-tls', 'refused', { through })];
    expect(reaches(refused(true), 'guest')).toBe(true);
    expect(reaches(refused(false), 'guest')).toBe(false);
  });

  test('takes neighbours by what was seen, too', () => {
    expect(reaches([], 'clinical-services')).toBe(false);
    expect(reaches([cell('clinical-services', 'broker', 'mqtt-tls', 'open')], 'clinical-services')).toBe(
      true,
    );
  });

  test('on one network everybody stands where everybody does', () => {
    const cells = [cell('hospital', 'broker', 'mqtt-tls', 'open')];
    for (const zone of known.zones.keys()) expect(reaches(cells, zone, 'mqtt-tls', 'ipv4', flat)).toBe(true);
  });

  test('knows an asset by itself where the plan has a conduit for it', () => {
    const policy = observedPolicy(known, known, [cell('bastion', 'pump', 'session', 'open')]);
    const asked = { asset: 'pump', service: 'session' };
    expect(passageTo(policy, { zone: 'remote-access', asset: 'bastion' }, asked, 0)).toBeDefined();
    expect(passageTo(policy, { zone: 'remote-access', asset: undefined }, asked, 0)).toBeUndefined();
  });
});
