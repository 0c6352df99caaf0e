import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadZonePlan } from '../../../network/index.ts';
import { layOut } from '../../../network/plan/layout.ts';
import { passageOf, type ZonePolicy } from '../../../network/plan/policy.ts';
import type { Probe } from '../../../network/probe/request.ts';
import type { Cell } from '../../../network/table/document.ts';
import type { ProbedFloor } from '../../../network/table/floor.ts';
import type { Source } from '../../../network/table/places.ts';
import type { Opening } from '../../../network/table/reach-cells.ts';
import { type Asks, runTable, type Table, type TableOptions } from '../../../network/table/run-table.ts';
import { HOUSE } from '../../../tools/house.ts';

const policy: ZonePolicy = loadZonePlan(join(HOUSE, 'network/zones/sp1800-8.yaml'));
const layout = layOut(policy, 2);

const floor: ProbedFloor = {
  listens: (_, { service }) => service !== undefined && service !== 'mqtt-plaintext',
  tls: [
    {
      ...{ asset: 'broker', service: 'mqtt-tls' },
      visitors: [
        {
          role: 'pump',
          credential: { chainPem: '', privateKeyPem: '' },
          expected: 'accepted',
          by: 'mutual-tls',
        },
        { role: 'none', expected: 'refused', by: 'mutual-tls' },
      ],
    },
  ],
  mqtt: [
    {
      ...{ asset: 'broker', service: 'mqtt-tls', over: 'tls' },
      rules: [
        { role: 'pump', does: 'connect', topics: '', expected: 'allowed', by: 'mutual-tls' },
        { role: 'pump', does: 'publish', topics: 'command', expected: 'denied', by: 'topic-authorization' },
      ],
      comers: () => ({
        roles: [
          {
            role: 'pump',
            clientId: 'pump:P',
            steps: [{ does: 'publish', topics: 'command', topic: 't', payload: '' }],
          },
        ],
        witnesses: [],
      }),
    },
  ],
  greets: new Set(['pump']),
};

/** A network that does what the plan says, unless `instead` says something else. */
function network(instead: (probe: Probe, source: Source) => 'open' | 'refused' | 'dropped' | undefined) {
  const asked: { probe: Probe; source: Source }[] = [];
  const byAddress = new Map(
    layout.places.flatMap(
      (place) =>
        [
          [place.ipv4, place],
          [place.ipv6, place],
        ] as const,
    ),
  );
  const answer = (probe: Probe, source: Source): object => {
    asked.push({ probe, source });
    switch (probe.kind) {
      case 'tls':
        return { outcome: probe.credential ? 'accepted' : 'refused', detail: 'TLSv1.3', ms: 3 };
      case 'mqtt':
        return {
          results: probe.roles.flatMap(({ role, steps }) => [
            { role, does: 'connect', topics: '', outcome: 'allowed', detail: 'CONNACK 0', ms: 4 },
            ...steps.map(({ does, topics }) => ({
              role,
              does,
              topics,
              outcome: 'denied',
              detail: 'hung up',
              ms: 4,
            })),
          ]),
          ms: 9,
        };
      case 'service':
        return { outcome: 'reached', detail: 'PUMPRANGE', ms: 5 };
      case 'session':
        throw new Error('a table holds no session');
      default: {
        const place = byAddress.get(probe.to)!;
        const ipVersion = probe.to.includes(':') ? 'ipv6' : 'ipv4';
        const service = policy.assets
          .get(place.asset)!
          .services.find(({ port, protocol }) => port === probe.port && protocol === probe.kind);
        const to = { asset: place.asset, protocol: probe.kind, port: probe.port };
        const sender = { zone: source.zone, asset: source.asset };
        const passes = passageOf(policy, sender, to, 0, ipVersion) !== undefined;
        const there = service !== undefined && service.name !== 'mqtt-plaintext' ? 'open' : 'refused';
        const outcome = instead(probe, source) ?? (passes ? there : 'dropped');
        return { outcome, ...(outcome === 'refused' && { by: 'host' }), detail: 'as it is', ms: 1 };
      }
    }
  };
  const proberOf = (source: Source): Asks =>
    ({ ask: async (probe: Probe) => answer(probe, source) }) as unknown as Asks;
  return { asked, proberOf };
}

const follows = ({ fromZone, toZone, to, protocol, port, ipVersion, from }: Opening) => {
  const asset = layout.places.find(({ ipv4, ipv6 }) => to === ipv4 || to === ipv6)!.asset;
  const sender = layout.places.find(({ ipv4, ipv6 }) => from === ipv4 || from === ipv6)?.asset;
  const passage = passageOf(
    policy,
    { zone: fromZone, asset: sender },
    { asset, protocol, port },
    0,
    ipVersion,
  );
  expect(toZone).not.toBe(fromZone);
  return passage === undefined
    ? ({ verdict: 'drop' } as const)
    : ({ verdict: 'accept', rule: passage.by === 'conduit' ? passage.conduit.name : 'neighbours' } as const);
};

async function table(
  instead: Parameters<typeof network>[0] = () => undefined,
  more: Partial<TableOptions> = {},
): Promise<{ table: Table; asked: ReturnType<typeof network>['asked'] }> {
  const { asked, proberOf } = network(instead);
  const options = { policy, layout, floor, atMs: 0, ipVersions: ['ipv4', 'ipv6'] as const, judge: follows };
  return { table: await runTable({ ...options, proberOf, ...more }), asked };
}

const wrong = (cells: readonly Cell[]): Cell[] => cells.filter(({ held, agrees }) => !held || !agrees);

describe('the truth table of the shipped plan', () => {
  it('holds throughout on a network that does what the plan says', async () => {
    const { table: found, asked } = await table();
    expect(wrong(found.cells)).toEqual([]);
    // 9 visitors, 16 single assets and 2 pumps, to 18 devices.
    const froms = new Set(found.cells.map(({ from }) => from));
    expect(froms.size).toBe(27);
    expect(new Set(found.cells.map(({ device }) => device)).size).toBe(18);
    expect(new Set(found.cells.map(({ ipVersion }) => ipVersion))).toEqual(new Set(['ipv4', 'ipv6']));
    expect(found.secondLooks).toBe(0);
    expect(found.probes).toBeGreaterThan(10_000);
    expect(
      asked.every(({ probe, source }) => probe.from !== probe.to && source.addresses.ipv4 !== probe.to),
    ).toBe(true);
  });

  it('tries roles from every zone, and says why where the port is closed to it', async () => {
    const { table: found } = await table();
    const tls = found.cells.filter(
      ({ layer, role, ipVersion }) => layer === 'tls' && role === 'none' && ipVersion === 'ipv4',
    );
    expect(tls.map(({ fromZone, actual }) => `${fromZone} ${actual}`).sort()).toEqual([
      'biomedical-engineering unreachable',
      'business-office unreachable',
      'clinical-services refused',
      'core unreachable',
      'database unreachable',
      'enterprise-services refused',
      'guest unreachable',
      'medical-devices refused',
      'remote-access unreachable',
    ]);
    expect(tls.find(({ fromZone }) => fromZone === 'guest')).toMatchObject({
      ...{
        expected: 'unreachable',
        held: true,
        by: 'default deny',
        detail: 'dropped below: as it is',
        ms: 0,
      },
    });
    const mqtt = found.cells.filter(({ layer, ipVersion }) => layer === 'mqtt' && ipVersion === 'ipv4');
    expect(
      mqtt
        .map(({ fromZone, probe, actual }) => `${fromZone} ${probe} ${actual}`)
        .filter((text) => /^(?:guest|core|medical)/.test(text)),
    ).toEqual([
      'core connect unreachable',
      'guest connect unreachable',
      'medical-devices connect allowed',
      'medical-devices publish command denied',
    ]);
  });

  it('asks pumps from every device that reaches them', async () => {
    const { table: found } = await table();
    const reached = found.cells.filter(
      ({ layer, actual }) => layer === 'pump-services' && actual === 'reached',
    );
    expect(new Set(reached.map(({ from }) => from))).toEqual(
      new Set([
        'medical-devices',
        'pump/1',
        'pump/2',
        'biomedical-engineering',
        'biomedical-workstation',
        'bastion',
      ]),
    );
  });

  it('looks twice before it calls something a mismatch', async () => {
    let lost = 0;
    const { table: found } = await table(({ kind, port }, { zone }) =>
      kind === 'tcp' && port === 8883 && zone === 'medical-devices' && lost++ < 5 ? 'dropped' : undefined,
    );
    expect(wrong(found.cells)).toEqual([]);
    expect(found.secondLooks).toBe(5);
  });

  it('opens no more than sessions from where nobody should come', async () => {
    const { table: found, asked } = await table(
      ({ port }, { zone }) => (zone === 'guest' && port === 8883 ? 'open' : undefined),
      {
        judge: (opening) =>
          opening.fromZone === 'guest' && opening.port === 8883
            ? { verdict: 'accept', rule: 'rule wifi' }
            : follows(opening),
      },
    );
    const guests = found.cells.filter(({ from, held }) => from === 'guest' && !held);
    expect(new Set(guests.map(({ layer, probe, by }) => `${layer} ${probe} ${by}`))).toEqual(
      new Set(['l3-l4 tcp/8883 rule wifi', 'tls handshake rule wifi', 'mqtt connect rule wifi']),
    );
    const steps = asked.flatMap(({ probe, source }) =>
      probe.kind === 'mqtt' && source.zone === 'guest' ? probe.roles.flatMap((one) => one.steps) : [],
    );
    expect(steps).toEqual([]);
  });

  it('leaves a version of IP out where it is told to', async () => {
    const { table: found } = await table(() => undefined, { ipVersions: ['ipv4'] });
    expect(new Set(found.cells.map(({ ipVersion }) => ipVersion))).toEqual(new Set(['ipv4']));
  });
});
