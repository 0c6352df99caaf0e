import { isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A block of IPv4 addresses. */
export interface AddressRange {
  readonly first: number;
  readonly last: number;
}

/** @returns `undefined` if the text is no block `a.b.c.d/n` that begins at its own first address. */
export function parseRange(text: string): AddressRange | undefined {
  const [address = '', bits = '', ...rest] = text.split('/');
  const first = addressNumber(address);
  if (first === undefined || rest.length > 0 || !/^(?:[0-9]|[12][0-9]|3[0-2])$/.test(bits)) return undefined;
  const size = 2 ** (32 - Number(bits));
  return first % size === 0 ? { first, last: first + size - 1 } : undefined;
}

/** An IPv4 address as a number, also where it comes mapped into IPv6. */
export function addressNumber(address: string): number | undefined {
  const plain = plainAddress(address);
  if (!isIPv4(plain)) return undefined;
  return plain.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

export function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

export function within({ first, last }: AddressRange, number: number): boolean {
  return number >= first && number <= last;
}

export function overlap(one: AddressRange, other: AddressRange): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** IPv4 as it is usually written. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:/i, '');
}

/** A block of IPv6 addresses. */
export interface Ipv6Range {
  /** As it is usually written, with its length: `fd18:8:20::/64`. */
  readonly text: string;
  readonly bits: number;
  readonly network: ipaddr.IPv6;
}

/** @returns `undefined` if the text is no block of IPv6 that begins at its own first address. */
export function parseIpv6Range(text: string): Ipv6Range | undefined {
  if (!ipaddr.IPv6.isValidCIDR(text)) return undefined;
  const [network, bits] = ipaddr.IPv6.parseCIDR(text);
  const first = ipaddr.IPv6.networkAddressFromCIDR(text);
  if (!(first instanceof ipaddr.IPv6) || first.toNormalizedString() !== network.toNormalizedString())
    return undefined;
  return { text: `${network.toString()}/${bits}`, bits, network };
}

export function overlapIpv6(one: Ipv6Range, other: Ipv6Range): boolean {
  const bits = Math.min(one.bits, other.bits);
  return one.network.match(other.network, bits);
}

/** The address that many places behind the first one of a block; `host` below 65,536. */
export function ipv6At({ network }: Ipv6Range, host: number): string {
  const parts = [...network.parts];
  parts[7] = (parts[7] ?? 0) + host;
  return new ipaddr.IPv6(parts).toString();
}
