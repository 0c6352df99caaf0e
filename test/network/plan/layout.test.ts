import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layOut } from '../../../network/plan/layout.ts';
import { loadZonePlan, parseZonePlan } from '../../../network/plan/load.ts';
import { HOUSE } from '../../../testbed/index.ts';

const shipped = (name: string) => loadZonePlan(join(HOUSE, 'network', 'zones', `${name}.yaml`));

test.each(['sp1800-8', 'flat'])(
  'everything of %s stands somewhere, and nobody where another does',
  (name) => {
    const policy = shipped(name);
    const { zones, places } = layOut(policy, 6);
    expect(new Set(places.map(({ asset }) => asset))).toEqual(new Set(policy.assets.keys()));
    expect(places.filter(({ asset }) => asset === 'pump')).toHaveLength(6);
    for (const version of ['ipv4', 'ipv6'] as const) {
      const all = [
        ...places.map((one) => one[version]),
        ...zones.flatMap(({ router, visitor }) => [router[version], visitor[version]]),
      ];
      expect(new Set(all).size).toBe(all.length);
      expect(all).not.toContain(undefined);
    }
    expect(new Set(zones.map((zone) => zone.interface)).size).toBe(zones.length);
    for (const zone of zones) expect(zone.interface).toMatch(/^pr-[a-z0-9-]{1,12}$/);
  },
);

test('a place is counted from the first address of its zone', () => {
  const { places, zones } = layOut(shipped('sp1800-8'), 2);
  expect(places.find(({ asset }) => asset === 'broker')).toEqual({
    ...{ asset: 'broker', index: 0, zone: 'clinical-services' },
    ...{ ipv4: '10.18.26.10', ipv6: 'fd18:8:26::a' },
  });
  expect(places.filter(({ asset }) => asset === 'pump').map(({ ipv4 }) => ipv4)).toEqual([
    '10.18.20.20',
    '10.18.20.21',
  ]);
  const guest = zones.find(({ id }) => id === 'guest');
  expect(guest).toMatchObject({
    router: { ipv4: '10.18.22.1' },
    visitor: { ipv4: '10.18.22.254' },
    isOpenInside: false,
  });
});

test('zones of long, like names get interfaces of their own', () => {
  const zone = (id: string, third: number) =>
    `  - { id: ${id}, title: Ward, ipv4: 10.7.${third}.0/24, admits: anybody }`;
  const ids = ['ward-building-a', 'ward-building-b', 'ward-building-c'];
  const text = `id: w\ntitle: W\ndescription: W.\nzones:\n${ids.map(zone).join('\n')}\nassets: []\nconduits: []\n`;
  const result = parseZonePlan(text, 'w.yaml');
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  expect(layOut(result.policy, 1).zones.map((one) => one.interface)).toEqual([
    'pr-ward-buildin',
    'pr-ward-buildi2',
    'pr-ward-buildi3',
  ]);
});

test('a zone of the emulation alone has no place there', () => {
  const text =
    'id: w\ntitle: W\ndescription: W.\nzones: [{ id: ward, title: Ward, admits: anybody }]\nassets: []\nconduits: []\n';
  const result = parseZonePlan(text, 'w.yaml');
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  expect(() => layOut(result.policy, 1)).toThrowError(/plan "w": zone "ward" has no `ipv4`/);
});
