import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FloorPlan } from '../../../network/emulation/floor-plan.ts';
import { decideConnection, type GateGround, zoneNameOf } from '../../../network/emulation/gate.ts';
import { loadZonePlan, parseZonePlan } from '../../../network/plan/load.ts';
import { type ControlId, type GatedService, parseSerial } from '../../../protocol/index.ts';
import { HOUSE } from '../../../testbed/index.ts';

const plan = (name: string) => loadZonePlan(join(HOUSE, 'network', 'zones', `${name}.yaml`));
const segmented = plan('sp1800-8');
const flat = plan('flat');

const groundWith = (controls: readonly ControlId[], quarantined: readonly string[] = []): GateGround => ({
  ...{ plan: new FloorPlan(segmented), flat, controls: new Set(controls) },
  isQuarantined: (address) => quarantined.includes(address),
});
const SEGMENTED = groundWith(['zone-segmentation']);
const FLAT = groundWith([]);

const BROKER: GatedService = { asset: 'broker', name: 'mqtt-tls' };
const EST: GatedService = { asset: 'est', name: 'est' };
const serial = parseSerial('LVP-0001')!;
const PUMP: GatedService = { asset: 'pump', serial, name: 'maintenance' };

/** An address of each zone, with what it may reach. */
const TABLE: readonly (readonly [string, string, boolean, boolean, boolean])[] = [
  ['core', '127.21.0.9', false, false, false],
  ['guest', '127.22.0.9', false, false, false],
  ['business-office', '127.23.0.9', false, false, false],
  ['database', '127.24.0.9', false, false, false],
  ['enterprise-services', '127.25.0.9', true, true, false],
  ['clinical-services', '127.26.0.9', true, true, false],
  ['biomedical-engineering', '127.27.0.9', false, true, true],
  ['medical-devices', '127.20.0.9', true, true, true],
  ['remote-access', '127.28.0.9', false, false, false],
];

describe('with zones', () => {
  test.each(TABLE)('from %s (%s)', (zone, address, broker, est, pump) => {
    expect(zoneNameOf(SEGMENTED, address)).toBe(zone);
    const reached = [BROKER, EST, PUMP].map(
      (service) => decideConnection(SEGMENTED, address, service, 0).allowed,
    );
    expect(reached).toEqual([broker, est, pump]);
  });

  test('a denial names the control, the zone and what was wanted', () => {
    expect(decideConnection(SEGMENTED, '127.22.0.9', PUMP, 0)).toEqual({
      allowed: false,
      zone: 'guest',
      control: 'zone-segmentation',
      cause: 'no conduit from guest to pump/LVP-0001/maintenance',
    });
  });

  test('the bastion reaches pumps from its own address, its neighbours do not', () => {
    const bastion = segmented.assetAddresses.get('bastion') ?? '';
    expect(decideConnection(SEGMENTED, bastion, PUMP, 0).allowed).toBe(true);
    expect(decideConnection(SEGMENTED, bastion, BROKER, 0).allowed).toBe(false);
    expect(decideConnection(SEGMENTED, '127.28.0.9', { asset: 'bastion', name: 'session' }, 0).allowed).toBe(
      true,
    );
  });

  test('an address that no zone has, and an asset that the plan does not know, are denied', () => {
    expect(decideConnection(SEGMENTED, '127.99.0.1', BROKER, 0)).toMatchObject({
      allowed: false,
      zone: 'nowhere',
    });
    expect(decideConnection(SEGMENTED, '127.20.0.9', { asset: 'lift', name: 'door' }, 0).allowed).toBe(false);
  });

  test('neighbours of an isolated zone do not reach each other', () => {
    const text = (inside: string) => `{ id: a, title: A, description: A, conduits: [],
      zones: [{ id: w, title: W, addresses: 127.30.0.0/16, admits: anybody, inside: ${inside} }],
      assets: [{ id: printer, title: P, zone: w }] }`;
    const reaches = (inside: string): boolean => {
      const parsed = parseZonePlan(text(inside), 'p');
      if (!('policy' in parsed)) throw new Error(parsed.problems.join());
      const ground = { ...SEGMENTED, plan: new FloorPlan(parsed.policy) };
      return decideConnection(ground, '127.30.0.9', { asset: 'printer', name: 'ipp' }, 0).allowed;
    };
    expect([reaches('open'), reaches('isolated')]).toEqual([true, false]);
  });

  test('a conduit with a date is closed from then on', () => {
    const text = `{ id: a, title: A, description: A,
      zones: [{ id: x, title: X, addresses: 127.30.0.0/16, admits: anybody },
              { id: y, title: Y, addresses: 127.31.0.0/16, admits: anybody }],
      assets: [{ id: broker, title: B, zone: y, services: [{ name: mqtt-tls, port: 8883 }] }],
      conduits: [{ from: x, to: broker, services: [mqtt-tls], why: Migration., until: '2026-03-02T06:00:00Z' }] }`;
    const parsed = parseZonePlan(text, 'p');
    if (!('policy' in parsed)) throw new Error(parsed.problems.join());
    const ground = { ...SEGMENTED, plan: new FloorPlan(parsed.policy) };
    const untilMs = Date.parse('2026-03-02T06:00:00Z');
    const at = (ms: number): boolean => decideConnection(ground, '127.30.0.9', BROKER, ms).allowed;
    expect([at(untilMs - 1), at(untilMs)]).toEqual([true, false]);
  });
});

describe('without zones', () => {
  test('everybody reaches everything, and evidence knows one network', () => {
    for (const [, address] of TABLE) {
      expect(zoneNameOf(FLAT, address)).toBe('hospital');
      for (const service of [BROKER, EST, PUMP]) {
        expect(decideConnection(FLAT, address, service, 0).allowed).toBe(true);
      }
    }
    expect(decideConnection(FLAT, '127.99.0.1', PUMP, 0).allowed).toBe(true);
  });
});

describe('whoever runs the testbed', () => {
  test.each(['127.0.0.1', '::ffff:127.0.0.1', '::1'])(
    'reaches everything from %s, out of band',
    (address) => {
      for (const ground of [SEGMENTED, FLAT]) {
        expect(decideConnection(ground, address, PUMP, 0)).toEqual({ allowed: true, zone: 'operator' });
      }
    },
  );
});

describe('quarantine', () => {
  test('comes before every conduit, and names itself', () => {
    const ground = groundWith(['zone-segmentation', 'network-quarantine'], ['127.20.0.9']);
    expect(decideConnection(ground, '127.20.0.9', BROKER, 0)).toMatchObject({
      allowed: false,
      control: 'network-quarantine',
    });
    expect(decideConnection(ground, '127.20.0.8', BROKER, 0).allowed).toBe(true);
  });
});
