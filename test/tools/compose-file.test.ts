import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { layOut, loadZonePlan } from '../../network/index.ts';
import { composeFile } from '../../tools/generators/compose-file.ts';
import { HOUSE } from '../../tools/house.ts';

interface Service {
  readonly [key: string]: unknown;
  readonly networks: Record<string, { ipv4_address?: string }>;
}
const file: {
  services: Record<string, Service>;
  networks: Record<string, { driver_opts: object; ipam: { config: object[] } }>;
} = parse(composeFile(), { merge: true });
const layout = layOut(loadZonePlan(join(HOUSE, 'network', 'zones', 'sp1800-8.yaml')), 1_000);
const services = Object.entries(file.services);

describe('docker-compose.yml', () => {
  it('has a network for each zone, whose gateway is our router and nobody else', () => {
    expect(Object.keys(file.networks).sort()).toEqual(layout.zones.map(({ id }) => id).sort());
    for (const { id, router } of layout.zones) {
      expect(file.networks[id]?.ipam.config[0]).toMatchObject({ gateway: router.ipv4 });
      expect(file.networks[id]?.driver_opts).toEqual({
        'com.docker.network.bridge.inhibit_ipv4': 'true',
        'com.docker.network.bridge.enable_ip_masquerade': 'false',
      });
    }
  });

  it.each(services)(
    '%s has no right that it does not need, and nothing to write to but what it keeps',
    (name, service) => {
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        healthcheck: { test: expect.any(Array) },
      });
      expect(service['cap_add']).toEqual(name === 'router' ? ['NET_ADMIN'] : undefined);
      expect(service['user']).toBe(name === 'router' ? '0:0' : undefined);
      for (const key of ['privileged', 'network_mode', 'ports', 'pid', 'devices'])
        expect(service).not.toHaveProperty(key);
      for (const volume of (service['volumes'] ?? []) as string[]) expect(volume).toBe('floor:/data');
    },
  );

  it('plugs the router into every zone, and everybody else into one', () => {
    for (const [name, { networks }] of services) {
      expect(Object.keys(networks)).toHaveLength(name === 'router' ? layout.zones.length : 1);
    }
  });

  it('leaves pumps to stand where there is room, all of it places of pumps', () => {
    expect(file.services['pumps']?.networks['medical-devices']).toEqual({});
    const [pumps] = file.networks['medical-devices']?.ipam.config ?? [];
    const { ip_range: range } = pumps as { ip_range: string };
    const [, last = 0, bits = 32] = (/\.(\d+)\/(\d+)$/.exec(range) ?? []).map(Number);
    const places = new Set(layout.places.filter(({ asset }) => asset === 'pump').map(({ ipv4 }) => ipv4));
    for (let at = 0; at < 2 ** (32 - bits); at++) expect(places).toContain(`10.18.20.${last + at}`);
  });

  it('says no secret', () => {
    expect(composeFile()).not.toMatch(/password|secret|token|PRIVATE KEY/i);
  });
});
