import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadZonePlan, parseZonePlan } from '../../../network/plan/load.ts';
import { zoneAt } from '../../../network/plan/policy.ts';
import { PumprangeError } from '../../../protocol/index.ts';
import { HOUSE } from '../../../testbed/index.ts';

const folder = join(HOUSE, 'network', 'zones');
const shipped = (name: string) => loadZonePlan(join(folder, `${name}.yaml`));

const PLAN = `id: small
title: Small
description: Two zones.
zones:
  - { id: ward, title: Ward, addresses: 127.30.0.0/16, admits: [pump] }
  - { id: office, title: Office, addresses: 127.31.0.0/16, admits: anybody }
assets:
  - { id: broker, title: Broker, zone: office, host: 5, services: [{ name: mqtt, port: 8883 }] }
conduits:
  - { from: ward, to: broker, services: [mqtt], why: Pumps report. }
`;

describe('the shipped plans', () => {
  test('have the zones of SP 1800-8, each with addresses of its own', () => {
    const { zones } = shipped('sp1800-8');
    expect([...zones.keys()].sort()).toEqual([
      'biomedical-engineering',
      'business-office',
      'clinical-services',
      'core',
      'database',
      'enterprise-services',
      'guest',
      'medical-devices',
      'remote-access',
    ]);
    expect(zoneAt(shipped('sp1800-8'), '127.20.0.1')?.id).toBe('medical-devices');
  });

  test('know the same assets, and on the flat one every zone is the one network', () => {
    const [segmented, flat] = [shipped('sp1800-8'), shipped('flat')];
    expect([...flat.assets.keys()].sort()).toEqual([...segmented.assets.keys()].sort());
    for (const zone of segmented.zones.values()) {
      expect(zoneAt(flat, `127.${Math.floor(zone.range.first / 65_536) % 256}.3.4`)?.id).toBe('hospital');
    }
  });

  test('give a reason for every conduit', () => {
    const plan: { conduits: { why: string }[] } = parse(readFileSync(join(folder, 'sp1800-8.yaml'), 'utf8'));
    for (const { why } of plan.conduits) expect(why).toMatch(/\.$/);
  });
});

describe('a plan that cannot be is refused with its place', () => {
  const problemsOf = (text: string): readonly string[] => {
    const result = parseZonePlan(text, 'p.yaml');
    return 'problems' in result ? result.problems : [];
  };

  test('the small one can be', () => expect(problemsOf(PLAN)).toEqual([]));

  test.each([
    ['an unknown key', ['id: small', 'id: small\nspeed: 3'], /Unrecognized key/],
    [
      'a range that is no block',
      ['127.30.0.0/16', '127.30.0.1/16'],
      /:5:\d+: zones\.0\.addresses: .* is no block/,
    ],
    ['a range off loopback', ['127.30.0.0/16', '10.0.0.0/16'], /is not on loopback/],
    ["the operator's address in a zone", ['127.30.0.0/16', '127.0.0.0/16'], /has 127\.0\.0\.1 in it/],
    ['zones that overlap', ['127.31.0.0/16', '127.30.128.0/17'], /overlaps with zone "ward"/],
    [
      'two assets at one place',
      ['assets:', 'assets:\n  - { id: other, title: Other, zone: office, host: 5 }'],
      /place 5 of zone "office" is taken by another asset, "other"/,
    ],
    ['two zones of one name', ['id: office', 'id: ward'], /"ward" is there twice/],
    ['an asset in no zone', ['zone: office', 'zone: cellar'], /there is no zone "cellar"/],
    ['a host beyond its zone', ['host: 5', 'host: 70000'], /has no address 70000/],
    ['a conduit from nowhere', ['from: ward', 'from: cellar'], /conduits\.0\.from: .*"cellar"/],
    ['a conduit to nothing', ['to: broker', 'to: lift'], /there is no asset and no zone "lift"/],
    [
      'a conduit to a service that is not there',
      ['services: [mqtt]', 'services: [ftp]'],
      /has no service "ftp"/,
    ],
    [
      "the router's place",
      ['admits: anybody }', 'admits: anybody, ipv4: 10.9.9.0/24 }', 'host: 5', 'host: 1'],
      /place 1 is that of the router/,
    ],
    [
      "a visitor's place",
      ['admits: anybody }', 'admits: anybody, ipv4: 10.9.9.0/24 }', 'host: 5', 'host: 254'],
      /has no address 254/,
    ],
    [
      'public addresses',
      ['admits: [pump]', 'ipv4: 8.8.8.0/24, admits: [pump]'],
      /8\.8\.8\.0\/24 is not private/,
    ],
    ['a network of two', ['admits: [pump]', 'ipv4: 10.0.0.0/31, admits: [pump]'], /has no room for a router/],
    [
      'IPv4 networks that overlap',
      [
        'admits: [pump]',
        'ipv4: 10.1.0.0/16, admits: [pump]',
        'admits: anybody',
        'ipv4: 10.1.2.0/24, admits: anybody',
      ],
      /zones\.1\.ipv4: 10\.1\.2\.0\/24 overlaps with zone "ward"/,
    ],
    [
      'IPv6 networks that overlap',
      [
        'admits: [pump]',
        "ipv6: 'fd00:1::/48', admits: [pump]",
        'admits: anybody',
        "ipv6: 'fd00:1:0:2::/64', admits: anybody",
      ],
      /zones\.1\.ipv6: fd00:1:0:2::\/64 overlaps with zone "ward"/,
    ],
    [
      'IPv6 that is not local',
      ['admits: [pump]', "ipv6: '2001:db8::/64', admits: [pump]"],
      /no block of unique local/,
    ],
    [
      'a range of ports that is none',
      ['services: [mqtt]', 'services: [tcp/90-80]'],
      /"tcp\/90-80" is no range of ports/,
    ],
    [
      'a conduit that another covers',
      [
        'why: Pumps report. }',
        'why: Pumps report. }\n  - { from: any, to: office, services: [tcp/1-65535], why: All. }',
      ],
      /conduits\.0: conduit "ward-to-broker" never decides: "any-to-office" lets all of it through/,
    ],
    [
      'the same conduit twice',
      [
        'why: Pumps report. }',
        'why: Pumps report. }\n  - { from: ward, to: broker, services: [mqtt], why: Again. }',
      ],
      /conduits\.1: conduit "ward-to-broker-2" never decides/,
    ],
    ['a conduit without a reason', [', why: Pumps report. ', ' '], /conduits\.0\.why/],
    ['a date that is none', ['why: Pumps report.', 'why: Yes., until: soon'], /conduits\.0\.until/],
    ['text that is no YAML', ['zones:', 'zones: ['], /p\.yaml:\d+/],
  ])('%s', (_name, changes, expected) => {
    let text = PLAN;
    for (let index = 0; index < changes.length; index += 2) {
      expect(text).toContain(changes[index]);
      text = text.replace(changes[index] ?? '', changes[index + 1] ?? '');
    }
    expect(problemsOf(text).join('\n')).toMatch(expected);
  });

  test.each([
    ['only one version of IP', ', over: ipv6'],
    ['only for a time', ', until: "2026-01-01T00:00:00Z"'],
  ])('a wider conduit for %s covers nothing', (_name, limited) => {
    const wider = `why: Pumps report. }\n  - { from: any, to: any, services: any, why: All.${limited} }`;
    expect(problemsOf(PLAN.replace('why: Pumps report. }', wider))).toEqual([]);
  });

  test('and a file that is not there has a code', () => {
    expect(() => loadZonePlan('/nowhere/plan.yaml')).toThrowError(PumprangeError);
  });
});
