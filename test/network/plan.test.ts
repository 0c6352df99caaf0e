import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadZonePlan, parseZonePlan } from '../../network/load.ts';
import { zoneAt } from '../../network/policy.ts';
import { PumprangeError } from '../../protocol/index.ts';
import { HOUSE } from '../../testbed/index.ts';

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
    expect([...flat.assetZones.keys()].sort()).toEqual([...segmented.assetZones.keys()].sort());
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
    ['two zones of one name', ['id: office', 'id: ward'], /"ward" is there twice/],
    ['an asset in no zone', ['zone: office', 'zone: cellar'], /there is no zone "cellar"/],
    ['a host beyond its zone', ['host: 5', 'host: 70000'], /has no address 70000/],
    ['a conduit from nowhere', ['from: ward', 'from: cellar'], /conduits\.0\.from: .*"cellar"/],
    ['a conduit to nothing', ['to: broker', 'to: lift'], /there is no asset "lift"/],
    [
      'a conduit to a service that is not there',
      ['services: [mqtt]', 'services: [ftp]'],
      /has no service "ftp"/,
    ],
    ['a conduit without a reason', [', why: Pumps report. ', ' '], /conduits\.0\.why/],
    ['a date that is none', ['why: Pumps report.', 'why: Yes., until: soon'], /conduits\.0\.until/],
    ['text that is no YAML', ['zones:', 'zones: ['], /p\.yaml:\d+/],
  ])('%s', (_name, [before = '', after = ''], expected) => {
    expect(PLAN).toContain(before);
    expect(problemsOf(PLAN.replace(before, after)).join('\n')).toMatch(expected);
  });

  test('and a file that is not there has a code', () => {
    expect(() => loadZonePlan('/nowhere/plan.yaml')).toThrowError(PumprangeError);
  });
});
