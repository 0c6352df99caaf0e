import { PumprangeError } from '../../protocol/index.ts';
import { ROUTER_PLACE } from './compile.ts';
import type { CompiledAsset, CompiledZone, ZonePolicy } from './policy.ts';
import { addressText, ipv6At } from './range.ts';

/** An address of each version of IP; a zone without IPv6 has none of that. */
export interface Addresses {
  readonly ipv4: string;
  readonly ipv6?: string;
}

/** A zone on a real network. */
export interface LaidZone {
  readonly id: string;
  /** Of the router, on the side of this zone; at most 15 characters, as Linux has it. */
  readonly interface: string;
  readonly router: Addresses;
  /** Where somebody stands who has just come, and is none of the assets. */
  readonly visitor: Addresses;
  readonly ipv4Bits: number;
  readonly ipv6Bits?: number;
  readonly isOpenInside: boolean;
}

/** One device of an asset: a broker is one, pumps are many. */
export interface Place extends Addresses {
  readonly asset: string;
  /** From 0 within its asset. */
  readonly index: number;
  readonly zone: string;
}

/** Where everything of a plan stands on a real network. */
export interface Layout {
  readonly zones: readonly LaidZone[];
  readonly places: readonly Place[];
}

/**
 * Gives each zone its interface and each asset its addresses.
 *
 * @param many how many devices an asset with `hosts` has, where there is room for them
 * @throws PumprangeError `PR_ZONES_INVALID` for a zone that has no `ipv4`
 */
export function layOut(policy: ZonePolicy, many: number): Layout {
  const zones = new Map<string, LaidZone>();
  const names = new Set<string>();
  for (const zone of policy.zones.values()) {
    const name = interfaceName(zone.id, names);
    names.add(name);
    zones.set(zone.id, layOutZone(policy, zone, name));
  }
  const places = [...policy.assets.values()].flatMap((asset) => placesOf(policy, asset, many));
  return { zones: [...zones.values()], places };
}

/** The addresses at a place of a zone, counted from its first one. */
function addressesAt(policy: ZonePolicy, zone: CompiledZone, place: number): Addresses {
  const { ipv4, ipv6 } = zone;
  if (ipv4 === undefined) throw noRealNetwork(policy, zone);
  return { ipv4: addressText(ipv4.first + place), ...(ipv6 && { ipv6: ipv6At(ipv6, place) }) };
}

function layOutZone(policy: ZonePolicy, zone: CompiledZone, name: string): LaidZone {
  const { ipv4, ipv6 } = zone;
  if (ipv4 === undefined) throw noRealNetwork(policy, zone);
  return {
    id: zone.id,
    interface: name,
    router: addressesAt(policy, zone, ROUTER_PLACE),
    visitor: addressesAt(policy, zone, ipv4.last - ipv4.first - 1),
    ipv4Bits: ipv4.bits,
    ...(ipv6 && { ipv6Bits: ipv6.bits }),
    isOpenInside: zone.isOpenInside,
  };
}

function placesOf(
  policy: ZonePolicy,
  { id, zone: in_, hosts }: CompiledAsset,
  many: number,
): readonly Place[] {
  const zone = policy.zones.get(in_);
  if (zone === undefined || hosts === undefined) return [];
  const [first, last] = hosts;
  const count = first === last ? 1 : Math.min(many, last - first + 1);
  return Array.from({ length: count }, (_, index) => ({
    ...{ asset: id, index, zone: zone.id },
    ...addressesAt(policy, zone, first + index),
  }));
}

const LONGEST_INTERFACE = 15;

function interfaceName(zone: string, taken: ReadonlySet<string>): string {
  const plain = `pr-${zone}`.slice(0, LONGEST_INTERFACE).replace(/-$/, '');
  if (!taken.has(plain)) return plain;
  for (let index = 2; ; index++) {
    const name = `${plain.slice(0, LONGEST_INTERFACE - String(index).length)}${index}`;
    if (!taken.has(name)) return name;
  }
}

function noRealNetwork(plan: ZonePolicy, { id }: CompiledZone): PumprangeError {
  return new PumprangeError(
    'PR_ZONES_INVALID',
    `plan "${plan.id}": zone "${id}" has no \`ipv4\`, so it has no place on a real network`,
  );
}
