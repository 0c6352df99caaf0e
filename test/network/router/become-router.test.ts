import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layOut } from '../../../network/plan/layout.ts';
import { loadZonePlan } from '../../../network/plan/load.ts';
import { type OwnInterface, routerLines } from '../../../network/router/become-router.ts';
import { HOUSE } from '../../../tools/house.ts';

const policy = loadZonePlan(join(HOUSE, 'network', 'zones', 'sp1800-8.yaml'));
const layout = layOut(policy, 1);
const plugged: OwnInterface[] = layout.zones.map(({ router }, index) => ({
  name: `eth${index}`,
  address: router.ipv4.replace(/\.1$/, '.2'),
}));

test('each interface gets the name that the ruleset has for its zone, and the address of the router', () => {
  const shuffled = plugged.toReversed();
  const lines = routerLines(layout, shuffled);
  expect(lines.slice(0, 4)).toEqual([
    'link set eth0 down',
    'link set eth0 name pr-core',
    'link set pr-core up',
    'address replace 10.18.21.1/24 dev pr-core',
  ]);
  expect(lines).toHaveLength(4 * layout.zones.length);
});

test('one that has its name keeps it', () => {
  const named = plugged.map((one, index) => ({ ...one, name: layout.zones[index]!.interface }));
  expect(routerLines(layout, named)).toHaveLength(layout.zones.length);
});

test('a network that is in no zone is refused', () => {
  const more = [...plugged, { name: 'eth9', address: '172.17.0.2' }];
  expect(() => routerLines(layout, more)).toThrow(expect.objectContaining({ code: 'PR_GUARDRAIL' }));
});

test('a zone into which it is not plugged is named', () => {
  expect(() => routerLines(layout, plugged.slice(1))).toThrow(/no interface in core/);
});
