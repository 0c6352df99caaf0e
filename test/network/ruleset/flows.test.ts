import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layOut } from '../../../network/plan/layout.ts';
import { loadZonePlan } from '../../../network/plan/load.ts';
import { flowsToRuleset } from '../../../network/ruleset/flows.ts';
import { withInterfaces } from '../../../network/ruleset/interfaces.ts';
import { HOUSE } from '../../../testbed/index.ts';

const layout = layOut(loadZonePlan(join(HOUSE, 'network', 'zones', 'sp1800-8.yaml')), 2);
const HEAD = 'from,to,protocol,ports,action,name';
const rules = (...rows: string[]) =>
  flowsToRuleset([HEAD, ...rows].join('\n'), 'f.csv', layout)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.includes('comment "') && !line.includes('"answers"'));

test('rows become rules in their order', () => {
  expect(
    rules(
      '10.18.22.0/24,any,any,any,deny,no guests',
      '# said by nobody',
      'medical-devices,broker,TCP,8883 1883,Allow,"pumps, to the broker"',
      'fd18:8:28::a,medical-devices,udp,,allow,',
      'any,any,any,53,reject,x"y',
    ),
  ).toEqual([
    'ip saddr { 10.18.22.0/24 } counter drop comment "no guests"',
    'iifname "pr-medical-devi" ip daddr { 10.18.26.10 } tcp dport { 8883, 1883 } counter accept comment "pumps, to the broker"',
    'iifname "pr-medical-devi" ip6 daddr { fd18:8:26::a } tcp dport { 8883, 1883 } counter accept comment "pumps, to the broker"',
    'oifname "pr-medical-devi" ip6 saddr { fd18:8:28::a } meta l4proto udp counter accept comment "line 5"',
    'meta l4proto { tcp, udp } th dport { 53 } counter reject comment "x y"',
  ]);
});

test('a name is as long as nftables takes, in bytes', () => {
  const [rule = ''] = rules(`any,any,any,any,deny,${'ü'.repeat(100)}`);
  expect(rule).toBe(`counter drop comment "${'ü'.repeat(50)}"`);
});

describe('what is wrong is named with its line', () => {
  test.each([
    ['from', 'cellar,any,any,any,allow,', /f\.csv:2: from "cellar" is no zone/],
    ['to', 'any,10.0.0.999,any,any,allow,', /to "10\.0\.0\.999"/],
    ['an address in short', '10.1,any,any,any,allow,', /from "10\.1"/],
    ['protocol', 'any,any,sctp,any,allow,', /protocol "sctp"/],
    ['ports', 'any,any,tcp,90-80,allow,', /ports "90-80"/],
    ['a port beyond all', 'any,any,tcp,70000,allow,', /ports "70000"/],
    ['action', 'any,any,tcp,80,permit,', /action "permit" is none of allow, deny, reject/],
    ['text that would be a rule', 'any,any,tcp,80; accept,allow,', /ports "accept"/],
  ])('%s', (_name, row, expected) => expect(() => rules(row)).toThrowError(expected));

  test('a column that is not there', () => {
    expect(() => flowsToRuleset('from,to\nany,any\n', 'f.csv', layout)).toThrowError(/no column "protocol"/);
  });
});

test("a user's interfaces take the place of ours", () => {
  const renamed = withInterfaces(layout, new Map([['guest', 'eth1.22']]));
  expect(renamed.zones.find(({ id }) => id === 'guest')?.interface).toBe('eth1.22');
  expect(renamed.zones.find(({ id }) => id === 'core')?.interface).toBe('pr-core');
  expect(() => withInterfaces(layout, new Map([['cellar', 'eth9']]))).toThrowError(/no zone "cellar".*guest/);
  expect(() => withInterfaces(layout, new Map([['guest', 'a name of three']]))).toThrowError(
    /is no name of an interface/,
  );
  expect(() => withInterfaces(layout, new Map([['guest', 'pr-core']]))).toThrowError(/is that of two zones/);
});
