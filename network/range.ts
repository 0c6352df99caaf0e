import { isIPv4 } from 'node:net';

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
