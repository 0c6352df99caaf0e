import type { Addresses, Layout } from '../plan/layout.ts';
import type { CompiledAsset, IpVersion, TransportProtocol, ZonePolicy } from '../plan/policy.ts';

/** Somebody who probes: a visitor of a zone, or a device of an asset. */
export interface Source {
  readonly name: string;
  readonly zone: string;
  /** Absent: a visitor. */
  readonly asset?: string;
  readonly addresses: Addresses;
}

/** A device that is probed. */
export interface Target {
  readonly asset: string;
  /** From 0 within its asset. */
  readonly index: number;
  readonly device: string;
  readonly zone: string;
  readonly addresses: Addresses;
}

export interface ProbedPort {
  readonly protocol: TransportProtocol;
  readonly port: number;
  /** What the plan calls it; absent: nothing should be there. */
  readonly service?: string;
}

/** Who probes, from the plan: first a visitor of each zone, then each device. */
export function sourcesOf({ zones, places }: Layout, policy: ZonePolicy): readonly Source[] {
  const visitors = zones.map(({ id, visitor }): Source => ({ name: id, zone: id, addresses: visitor }));
  const devices = places.map(({ asset, index, zone, ipv4, ipv6 }): Source => {
    const name = deviceName(policy.assets.get(asset), asset, index);
    return { name, zone, asset, addresses: { ipv4, ...(ipv6 !== undefined && { ipv6 }) } };
  });
  return [...visitors, ...devices];
}

/** What is probed: every device that has a place. */
export function targetsOf({ places }: Layout, policy: ZonePolicy): readonly Target[] {
  return places.map(({ asset, index, zone, ipv4, ipv6 }) => ({
    ...{ asset, index, zone, device: deviceName(policy.assets.get(asset), asset, index) },
    addresses: { ipv4, ...(ipv6 !== undefined && { ipv6 }) },
  }));
}

/** Ports that are no service of anybody here: remote access, web, files, names of management, the broker in the clear, and a high one. */
const CLOSED_PORTS: readonly ProbedPort[] = [
  ...[22, 23, 80, 443, 445, 1883, 3389, 40_404].map((port) => ({ protocol: 'tcp', port }) as const),
  ...[69, 161].map((port) => ({ protocol: 'udp', port }) as const),
];

/** The services of an asset, and what must be closed. */
export function portsOf({ services }: CompiledAsset): readonly ProbedPort[] {
  const planned = services.map(({ name, protocol, port }) => ({ service: name, protocol, port }));
  const isPlanned = (one: ProbedPort): boolean =>
    planned.some(({ protocol, port }) => protocol === one.protocol && port === one.port);
  return [...planned, ...CLOSED_PORTS.filter((one) => !isPlanned(one))];
}

export function addressOf(addresses: Addresses, ipVersion: IpVersion): string | undefined {
  return ipVersion === 'ipv4' ? addresses.ipv4 : addresses.ipv6;
}

function deviceName(asset: CompiledAsset | undefined, id: string, index: number): string {
  const isMany = asset?.hosts !== undefined && asset.hosts[0] !== asset.hosts[1];
  return isMany ? `${id}/${index + 1}` : id;
}
