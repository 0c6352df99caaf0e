import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { FloorPlan } from '../../../network/emulation/floor-plan.ts';
import { loadZonePlan } from '../../../network/plan/load.ts';
import { HOUSE } from '../../../testbed/index.ts';

const policy = loadZonePlan(join(HOUSE, 'network', 'zones', 'sp1800-8.yaml'));
const BROKER = { asset: 'broker', name: 'mqtt-tls' };
const CONSOLE = { asset: 'pump', name: 'console' };
const [GUEST, PUMP] = ['127.22.0.9', '127.20.0.9'];
const EVERYTHING = { from: 'any', to: 'any', services: 'any', why: 'A test.' } as const;

let plan: FloorPlan;
beforeEach(() => {
  plan = new FloorPlan(policy);
});
const reaches = (from: string, service = BROKER, atMs = 0): boolean => plan.allows(from, service, atMs);

describe('the firewall', () => {
  test('lets through what was opened, until it is closed', () => {
    expect([reaches(GUEST), reaches(GUEST, CONSOLE)]).toEqual([false, false]);
    expect(plan.change({ open: [{ ...EVERYTHING, id: 'test' }], close: [] })).toEqual([]);
    expect([reaches(GUEST), reaches(GUEST, CONSOLE)]).toEqual([true, true]);
    expect(plan.change({ open: [], close: ['test'] })).toEqual([]);
    expect([reaches(GUEST), reaches(GUEST, CONSOLE)]).toEqual([false, false]);
  });

  test('takes a conduit away', () => {
    expect(reaches(PUMP)).toBe(true);
    plan.change({ open: [], close: ['medical-devices-to-broker'] });
    expect(reaches(PUMP)).toBe(false);
  });

  test('lets through nothing past a date', () => {
    plan.change({ open: [{ ...EVERYTHING, until: '2026-01-01T00:00:00Z' }], close: [] });
    const date = Date.parse('2026-01-01T00:00:00Z');
    expect([reaches(GUEST, BROKER, date - 1), reaches(GUEST, BROKER, date)]).toEqual([true, false]);
  });

  test('does all of a change, or nothing', () => {
    const problems = plan.change({ open: [EVERYTHING], close: ['no-such'] });
    expect(problems).toMatchObject([{ message: 'there is no conduit "no-such"' }]);
    expect(reaches(GUEST)).toBe(false);
    expect(plan.change({ open: [{ ...EVERYTHING, from: 'cellar' }], close: [] })).toMatchObject([
      { message: expect.stringContaining('"cellar"') },
    ]);
  });
});

test('what is open for IPv6 alone is so for who speaks it', () => {
  plan.change({ open: [{ ...EVERYTHING, over: 'ipv6' }], close: [] });
  expect(reaches(GUEST)).toBe(false);
  plan.speaksIpv6(GUEST);
  expect(reaches(GUEST)).toBe(true);
});

test('a wrong cable puts the one zone into the other', () => {
  plan.bridge('guest', 'medical-devices');
  expect([reaches(GUEST), reaches(GUEST, CONSOLE), plan.standsIn('medical-devices', GUEST)]).toEqual([
    true,
    true,
    true,
  ]);
  expect(reaches('127.23.0.9', CONSOLE)).toBe(false);
  plan.unbridge('guest', 'medical-devices');
  expect([reaches(GUEST), reaches(GUEST, CONSOLE), plan.standsIn('medical-devices', GUEST)]).toEqual([
    false,
    false,
    false,
  ]);
});

test('a partition is between two zones, and within one there is none', () => {
  plan.partition('medical-devices', 'clinical-services');
  expect([reaches(PUMP), reaches(PUMP, CONSOLE), reaches(PUMP, { asset: 'est', name: 'est' })]).toEqual([
    false,
    true,
    true,
  ]);
  plan.heal('clinical-services', 'medical-devices');
  expect(reaches(PUMP)).toBe(true);
});
