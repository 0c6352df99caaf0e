const NOWHERE_IPV4 = '00000000';
const NOWHERE_IPV6 = '0'.repeat(32);
const IS_UP = 0x1;
/** A route that says that there is none. */
const IS_REJECT = 0x200;

/**
 * The gateways of all default routes, out of what Linux tells in `/proc/net/route` and `/proc/net/ipv6_route`.
 *
 * @returns IPv4 as it is usually written, IPv6 as eight groups; `null` for a route that leads out without a gateway
 */
export function defaultGateways(ipv4: string, ipv6: string): (string | null)[] {
  return [...rows(ipv4).flatMap(gatewayIpv4), ...rows(ipv6).flatMap(gatewayIpv6)];
}

function rows(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length > 7);
}

function gatewayIpv4([, to, gateway = '', flags = '', , , , mask]: string[]): (string | null)[] {
  if (to !== NOWHERE_IPV4 || mask !== NOWHERE_IPV4 || !leads(flags)) return [];
  if (gateway === NOWHERE_IPV4) return [null];
  // In the order of the machine: the last byte comes first on all that Node.js runs on here.
  return [[6, 4, 2, 0].map((at) => Number.parseInt(gateway.slice(at, at + 2), 16)).join('.')];
}

function gatewayIpv6([to, bits, , , gateway = '', , , , flags = '', device]: string[]): (string | null)[] {
  if (to !== NOWHERE_IPV6 || bits !== '00' || !leads(flags) || device === 'lo') return [];
  if (gateway === NOWHERE_IPV6) return [null];
  return [gateway.match(/.{4}/g)?.join(':') ?? null];
}

function leads(flags: string): boolean {
  const bits = Number.parseInt(flags, 16);
  return (bits & IS_UP) !== 0 && (bits & IS_REJECT) === 0;
}
