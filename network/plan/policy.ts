import type { Kind } from '../../protocol/index.ts';
import type { PlannedService } from './plan.ts';
import { type AddressRange, addressNumber, type Ipv6Range, plainAddress, within } from './range.ts';

export type IpVersion = 'ipv4' | 'ipv6';
export type TransportProtocol = PlannedService['protocol'];

/** A zone as it is asked about for every connection. */
export interface CompiledZone {
  readonly id: string;
  readonly title: string;
  /** Its loopback block in the emulation. */
  readonly range: AddressRange;
  /** Its blocks in the lab; absent: it has none of this version. */
  readonly ipv4?: AddressRange & { readonly bits: number; readonly text: string };
  readonly ipv6?: Ipv6Range;
  readonly isOpenInside: boolean;
  readonly admits: 'anybody' | ReadonlySet<Kind>;
}

export interface PortRange {
  readonly protocol: TransportProtocol;
  readonly first: number;
  readonly last: number;
}

export interface CompiledConduit {
  /** What the ruleset, its log and the table call it. */
  readonly name: string;
  /** A zone, an asset, or `any`. */
  readonly from: string;
  readonly to: string;
  readonly ports: 'any' | readonly PortRange[];
  /** Absent: both. */
  readonly over?: IpVersion;
  readonly why: string;
  readonly untilMs: number;
}

export interface CompiledAsset {
  readonly id: string;
  readonly title: string;
  readonly zone: string;
  /** First and last place in its zone; absent: assigned when it comes. */
  readonly hosts?: readonly [number, number];
  readonly services: readonly PlannedService[];
}

/** A plan, ready to be asked. */
export interface ZonePolicy {
  readonly id: string;
  readonly title: string;
  readonly zones: ReadonlyMap<string, CompiledZone>;
  readonly assets: ReadonlyMap<string, CompiledAsset>;
  /** Loopback addresses of the assets that stand at one fixed place. */
  readonly assetAddresses: ReadonlyMap<string, string>;
  /** In the order of the file. */
  readonly conduits: readonly CompiledConduit[];
  /** By `from → to`. */
  readonly between: ReadonlyMap<string, readonly CompiledConduit[]>;
}

/** Who sends: somebody in a zone, and if it is an asset with a place of its own, which. */
export interface Sender {
  readonly zone: string;
  readonly asset: string | undefined;
}

/** What lets it through: a conduit, or that both stand on one VLAN; `undefined`: nothing. */
export type Passage =
  | { readonly by: 'neighbours' }
  | { readonly by: 'conduit'; readonly conduit: CompiledConduit };

/** Whether, by the policy alone, something gets from here to a port there. */
export function passageOf(
  policy: ZonePolicy,
  from: Sender,
  to: { readonly asset: string; readonly protocol: TransportProtocol; readonly port: number },
  atMs: number,
  over: IpVersion,
): Passage | undefined {
  return find(
    policy,
    from,
    to.asset,
    atMs,
    over,
    ({ protocol, first, last }) => protocol === to.protocol && to.port >= first && to.port <= last,
  );
}

/** As {@link passageOf}, for a service by the name that the plan has for it; of one that it does not know, nobody has opened the port. */
export function passageTo(
  policy: ZonePolicy,
  from: Sender,
  to: { readonly asset: string; readonly service: string },
  atMs: number,
  over: IpVersion = 'ipv4',
): Passage | undefined {
  const service = policy.assets.get(to.asset)?.services.find(({ name }) => name === to.service);
  return find(
    policy,
    from,
    to.asset,
    atMs,
    over,
    ({ protocol, first, last }) =>
      service !== undefined && protocol === service.protocol && service.port >= first && service.port <= last,
  );
}

function find(
  policy: ZonePolicy,
  from: Sender,
  asset: string,
  atMs: number,
  over: IpVersion,
  covers: (ports: PortRange) => boolean,
): Passage | undefined {
  const zone = policy.zones.get(from.zone);
  const target = policy.assets.get(asset);
  // What a plan does not know of, nobody has opened.
  if (zone === undefined || target === undefined) return undefined;
  if (zone.isOpenInside && target.zone === zone.id) return { by: 'neighbours' };
  for (const start of [from.zone, from.asset, ANY]) {
    for (const end of [asset, target.zone, ANY]) {
      if (start === undefined) continue;
      const conduit = policy.between
        .get(betweenKey(start, end))
        ?.find(
          (one) =>
            atMs < one.untilMs &&
            (one.over === undefined || one.over === over) &&
            (one.ports === 'any' || one.ports.some(covers)),
        );
      if (conduit !== undefined) return { by: 'conduit', conduit };
    }
  }
  return undefined;
}

export const ANY = 'any';

export function betweenKey(from: string, to: string): string {
  return `${from} → ${to}`;
}

/** Conduits by whom they join; for {@link ZonePolicy.between}. */
export function indexed(
  conduits: readonly CompiledConduit[],
): ReadonlyMap<string, readonly CompiledConduit[]> {
  const between = new Map<string, CompiledConduit[]>();
  for (const conduit of conduits) {
    const key = betweenKey(conduit.from, conduit.to);
    const already = between.get(key);
    if (already === undefined) between.set(key, [conduit]);
    else already.push(conduit);
  }
  return between;
}

/** The zone of a loopback address of the emulation; `undefined` where it stands in none. */
export function zoneAt(policy: ZonePolicy, address: string): CompiledZone | undefined {
  const number = addressNumber(address);
  if (number === undefined) return undefined;
  for (const zone of policy.zones.values()) if (within(zone.range, number)) return zone;
  return undefined;
}

/** The asset that has a loopback address of the emulation to itself. */
export function assetAt(policy: ZonePolicy, address: string): string | undefined {
  const plain = plainAddress(address);
  for (const [asset, one] of policy.assetAddresses) if (one === plain) return asset;
  return undefined;
}
