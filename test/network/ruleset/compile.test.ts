import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layOut } from '../../../network/plan/layout.ts';
import { loadZonePlan, parseZonePlan } from '../../../network/plan/load.ts';
import { compileRuleset } from '../../../network/ruleset/compile.ts';
import { HOUSE } from '../../../testbed/index.ts';

const shipped = loadZonePlan(join(HOUSE, 'network', 'zones', 'sp1800-8.yaml'));

function rulesOf(conduit: string): readonly string[] {
  const text = `id: t
title: T
description: T.
zones:
  - { id: ward, title: Ward, ipv4: 10.7.1.0/24, ipv6: 'fd07:1::/64', admits: anybody }
  - { id: office, title: Office, ipv4: 10.7.2.0/24, ipv6: 'fd07:2::/64', admits: anybody }
  - { id: old, title: No IPv6, ipv4: 10.7.3.0/24, admits: anybody }
assets:
  - { id: pump, title: Pumps, zone: ward, hosts: [20, 21], services: [{ name: console, port: 20023 }] }
  - { id: server, title: Server, zone: office, host: 10, services: [{ name: web, port: 443 }, { name: time, protocol: udp, port: 123 }] }
  - { id: printer, title: Printer, zone: old, host: 10, services: [{ name: print, port: 631 }] }
conduits:
  - ${conduit}
`;
  const read = parseZonePlan(text, 't.yaml');
  if ('problems' in read) throw new Error(read.problems.join('\n'));
  return compileRuleset(read.policy, layOut(read.policy, 2))
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /comment "(?!answers|no-connection|default-deny)/.test(line));
}

const end = (name: string) => `counter log prefix "pr ${name} " group 18 accept comment "${name}"`;

describe('a conduit becomes', () => {
  test('a rule for each version of IP and each protocol', () => {
    expect(rulesOf('{ from: ward, to: server, services: [web, time, tcp/8000-8010], why: Yes. }')).toEqual([
      `iifname "pr-ward" oifname "pr-office" ip daddr 10.7.2.10 tcp dport { 443, 8000-8010 } ${end('ward-to-server')}`,
      `iifname "pr-ward" oifname "pr-office" ip daddr 10.7.2.10 udp dport 123 ${end('ward-to-server')}`,
      `iifname "pr-ward" oifname "pr-office" ip6 daddr fd07:2::a tcp dport { 443, 8000-8010 } ${end('ward-to-server')}`,
      `iifname "pr-ward" oifname "pr-office" ip6 daddr fd07:2::a udp dport 123 ${end('ward-to-server')}`,
    ]);
  });

  test('one rule where interfaces say it all', () => {
    expect(rulesOf('{ from: ward, to: office, services: any, why: Yes. }')).toEqual([
      `iifname "pr-ward" oifname "pr-office" ${end('ward-to-office')}`,
    ]);
    expect(rulesOf('{ from: any, to: any, services: [tcp/22], why: Yes. }')).toEqual([
      `tcp dport 22 ${end('any-to-any')}`,
    ]);
  });

  test('a rule with all devices of an asset, and with the sender if that is one', () => {
    expect(rulesOf('{ from: server, to: pump, services: any, over: ipv4, why: Yes. }')).toEqual([
      `iifname "pr-office" oifname "pr-ward" ip saddr 10.7.2.10 ip daddr { 10.7.1.20, 10.7.1.21 } ${end('server-to-pump')}`,
    ]);
  });

  test('a rule of one version, and for a time', () => {
    expect(
      rulesOf(
        '{ id: vendor, from: office, to: ward, services: any, over: ipv6, until: "2027-01-01T01:00:00+01:00", why: Yes. }',
      ),
    ).toEqual([
      `iifname "pr-office" oifname "pr-ward" meta nfproto ipv6 meta time < "2027-01-01 00:00:00" ${end('vendor')}`,
    ]);
  });

  test('no rule for a version that nobody there has', () => {
    expect(rulesOf('{ from: ward, to: printer, services: [print], why: Yes. }')).toEqual([
      `iifname "pr-ward" oifname "pr-old" ip daddr 10.7.3.10 tcp dport 631 ${end('ward-to-printer')}`,
    ]);
  });
});

test('no text of a plan is read as a rule', () => {
  const evil = 'x\ntable inet evil {\r\n}';
  const policy = {
    ...shipped,
    title: evil,
    conduits: shipped.conduits.map((conduit) => ({ ...conduit, why: evil })),
  };
  const lines = compileRuleset(policy, layOut(policy, 1)).split(/[\r\n]+/);
  expect(lines.filter((line) => line.includes('evil') && !line.trim().startsWith('#'))).toEqual([]);
});

test('the shipped plan denies by default, gives the reason of each conduit, and names each in a rule', () => {
  const text = compileRuleset(shipped, layOut(shipped, 4));
  expect(text).toContain('type filter hook forward priority filter; policy drop;');
  for (const { name, why } of shipped.conduits) {
    expect(text).toContain(`# ${why}`);
    expect(text).toContain(`comment "${name}"`);
  }
  expect(text).toMatch(/^table inet pumprange\ndelete table inet pumprange\n/m);
  expect(text.trimEnd().split('\n').at(-3)).toContain('drop comment "default-deny"');
});
