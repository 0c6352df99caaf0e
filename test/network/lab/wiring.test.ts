import { expect, test } from 'vitest';
import { labName, namespacesOf } from '../../../network/lab/names.ts';
import { hasIpv6, ipv4Only, routerBatch, settings, zoneBatches } from '../../../network/lab/wiring.ts';
import { shippedLayout } from '../../helpers/lab.ts';

const layout = shippedLayout(2);

test('a lab has one namespace for the router and two for each zone', () => {
  const names = namespacesOf('x', layout.zones);
  expect(names).toHaveLength(1 + 2 * 9);
  expect(names.slice(0, 3)).toEqual(['pr-x-router', 'pr-x-core', 'pr-x-core-visitor']);
});

test('two places that would have one name are refused', () => {
  expect(() => namespacesOf('x', [{ id: 'router' }])).toThrow(/pr-x-router/);
  expect(() => namespacesOf('x', [{ id: 'a' }, { id: 'a-visitor' }])).toThrow(/pr-x-a-visitor/);
});

test.each(['', 'a-b', 'A', '1a', 'x'.repeat(13), 'a b', '../a'])('%j is no name of a lab', (name) => {
  expect(() => labName(name)).toThrow(expect.objectContaining({ code: 'PR_USAGE' }));
});

test('both ends of every cable are made inside, and only the ports of a zone that is isolated inside are', () => {
  const { namespace, lines } = routerBatch('x', layout);
  expect(namespace).toBe('pr-x-router');
  const cables = lines.filter((line) => line.includes('veth'));
  expect(cables).toHaveLength(18);
  for (const line of cables) expect(line).toMatch(/ netns pr-x-/);
  expect(lines.filter((line) => line.includes('isolated'))).toEqual([
    'link set port1-a type bridge_slave isolated on',
    'link set port1-v type bridge_slave isolated on',
  ]);
});

test('the assets of a zone stand at their addresses, its visitor at another, and both know the router', () => {
  const batches = new Map(zoneBatches('x', layout).map(({ namespace, lines }) => [namespace, lines]));
  expect(batches.get('pr-x-medical-devices')).toEqual([
    'link set lo up',
    'link set eth0 up',
    'addr add 10.18.20.20/24 dev eth0',
    'addr add fd18:8:20::14/64 dev eth0 nodad',
    'addr add 10.18.20.21/24 dev eth0',
    'addr add fd18:8:20::15/64 dev eth0 nodad',
    'route add default via 10.18.20.1',
    'route add default via fd18:8:20::1',
  ]);
  expect(batches.get('pr-x-core')).toEqual(['link set lo up', 'link set eth0 up']);
  expect(batches.get('pr-x-core-visitor')).toContain('addr add 10.18.21.254/24 dev eth0');
});

test('without IPv6 nothing asks the kernel for it', () => {
  const four = ipv4Only(layout);
  expect([hasIpv6(layout), hasIpv6(four)]).toEqual([true, false]);
  const all = [routerBatch('x', four), ...zoneBatches('x', four)].flatMap(({ lines }) => lines);
  expect(all.filter((line) => /fd18|fe80|nodad/.test(line))).toEqual([]);
  expect(settings('x', four, false, () => true).flatMap(({ files }) => files)).not.toContainEqual(
    expect.stringContaining('ipv6'),
  );
});

test('what stays on a bridge is kept from the ruleset where the kernel would show it', () => {
  const files = (has: boolean) => settings('x', layout, true, () => has).flatMap((one) => one.files);
  expect(files(true)).toContain('bridge/bridge-nf-call-iptables');
  expect(files(false)).not.toContain('bridge/bridge-nf-call-iptables');
});
