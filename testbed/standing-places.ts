import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { PumprangeError } from '../protocol/index.ts';

/** Where one component, or one pump, stands: an address, or one of each version of IP. */
export interface StandingPlace {
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/** Where `--address` says that something stands. */
export interface Standing {
  readonly places: readonly [StandingPlace, ...StandingPlace[]];
  /** Of the address in its network, where it is the machine's own. */
  readonly number: number | undefined;
}

/** `--address own`: the one that this container was given. */
const OWN = 'own';
const MOST_ADDRESSES = 1_000;

/**
 * Reads `--address`: addresses, separated by commas, each perhaps with `+n` for that many, counted upwards; or `own`. The first IPv4 and the first IPv6
 * make one place, the second ones another.
 *
 * @throws PumprangeError `PR_USAGE`
 */
export function parseStanding(text: string): Standing {
  if (text === OWN) return ownStanding();
  const addresses = text.split(',').flatMap(counted);
  const ipv4 = addresses.filter((address) => isIPv4(address));
  const ipv6 = addresses.filter((address) => isIPv6(address));
  if (ipv4.length > 0 && ipv6.length > 0 && ipv4.length !== ipv6.length) {
    throw new PumprangeError(
      'PR_USAGE',
      `--address ${text}: ${ipv4.length} of IPv4 and ${ipv6.length} of IPv6`,
    );
  }
  const places = Array.from({ length: Math.max(ipv4.length, ipv6.length) }, (_, index): StandingPlace => {
    const [four, six] = [ipv4[index], ipv6[index]];
    return { ...(four !== undefined && { ipv4: four }), ...(six !== undefined && { ipv6: six }) };
  });
  const [first, ...more] = places;
  if (first === undefined) throw new PumprangeError('PR_USAGE', `--address ${text} names none`);
  return { places: [first, ...more], number: undefined };
}

/** All addresses of a place, the one of IPv4 first. */
export function addressesOf({ ipv4, ipv6 }: StandingPlace): string[] {
  return [ipv4, ipv6].flatMap((address) => address ?? []);
}

/** The address of a place from which somebody speaks to another; `undefined`: the place has none of that version of IP. */
export function speakingTo({ ipv4, ipv6 }: StandingPlace, to: string): string | undefined {
  return isIPv6(to) ? ipv6 : ipv4;
}

function counted(item: string): string[] {
  const [address = '', count = '1', ...rest] = item.trim().split('+');
  const many = Number(count);
  const isKnown = (isIPv4(address) || isIPv6(address)) && !address.includes('%');
  if (!isKnown || rest.length > 0 || !/^\d+$/.test(count) || many < 1 || many > MOST_ADDRESSES) {
    throw new PumprangeError(
      'PR_USAGE',
      `--address ${item}: say an address, or a first one and how many, such as 10.18.20.20+12`,
    );
  }
  return Array.from({ length: many }, (_, index) => upwards(address, index));
}

function upwards(address: string, by: number): string {
  if (by === 0) return address;
  const [, before = '', last = ''] = /^(.*[.:])([0-9a-f]*)$/i.exec(address) ?? [];
  const isFour = isIPv4(address);
  const next = Number.parseInt(last || '0', isFour ? 10 : 16) + by;
  if (next > (isFour ? 255 : 0xffff)) {
    throw new PumprangeError('PR_USAGE', `--address ${address}: there are not so many from there`);
  }
  return `${before}${next.toString(isFour ? 10 : 16)}`;
}

function ownStanding(): Standing {
  const own = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4');
  const [first, ...others] = own;
  if (first === undefined || others.length > 0) {
    throw new PumprangeError('PR_USAGE', `--address ${OWN}: this machine has ${own.length} addresses`);
  }
  const { address, netmask } = first;
  const host = numberOf(address) & ~numberOf(netmask);
  return { places: [{ ipv4: address }], number: host };
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, part) => (number << 8) | Number(part), 0);
}
