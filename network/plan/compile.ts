import { compileConduits } from './conduits.ts';
import type { Zone, ZonePlan } from './plan.ts';
import { ANY, type CompiledAsset, type CompiledZone, indexed, type ZonePolicy } from './policy.ts';
import type { PlanProblem } from './problem.ts';
import {
  type AddressRange,
  addressNumber,
  addressText,
  overlap,
  overlapIpv6,
  parseIpv6Range,
  parseRange,
  within,
} from './range.ts';

/** Compiles a plan, or says what in it contradicts itself. */
export function compilePlan(
  plan: ZonePlan,
): { readonly policy: ZonePolicy } | { readonly problems: readonly PlanProblem[] } {
  const problems: PlanProblem[] = [];
  const zones = compileZones(plan, problems);
  const assets = compileAssets(plan, zones, problems);
  const conduits = compileConduits(plan, { zones, assets }, problems);
  if (problems.length > 0) return { problems };
  const policy = { id: plan.id, title: plan.title, zones, assets, conduits };
  return { policy: { ...policy, assetAddresses: addressesOf(zones, assets), between: indexed(conduits) } };
}

function compileZones({ zones }: ZonePlan, problems: PlanProblem[]): Map<string, CompiledZone> {
  const compiled = new Map<string, CompiledZone>();
  for (const [index, zone] of zones.entries()) {
    const path = ['zones', index];
    const { id, title, inside, admits } = zone;
    const others = [...compiled.values()];
    const range = loopbackOf(zone, zones, path, problems);
    if (range === undefined) continue;
    const other = others.find((one) => overlap(one.range, range));
    if (other) {
      problems.push({
        path: [...path, 'addresses'],
        message: `${zone.addresses ?? addressText(range.first)} overlaps with zone "${other.id}"`,
      });
    }
    if (compiled.has(id)) problems.push({ path, message: `"${id}" is there twice` });
    if (id === ANY) problems.push({ path: [...path, 'id'], message: '"any" means all of them' });
    const real = realOf(zone, others, path, problems);
    const asked = admits === 'anybody' ? admits : new Set(admits);
    compiled.set(id, { id, title, range, ...real, isOpenInside: inside === 'open', admits: asked });
  }
  return compiled;
}

/** The block of the emulation. */
function loopbackOf(
  { id, addresses }: Zone,
  zones: readonly Zone[],
  path: readonly (string | number)[],
  problems: PlanProblem[],
): AddressRange | undefined {
  const where = [...path, 'addresses'];
  if (addresses === undefined) {
    const unnamed = zones.filter((one) => one.addresses === undefined).findIndex((one) => one.id === id);
    return parseRange(`127.${FIRST_OWN_BLOCK + Math.min(unnamed, LAST_OWN_BLOCK - FIRST_OWN_BLOCK)}.0.0/16`);
  }
  const range = parseRange(addresses);
  if (range === undefined) problems.push({ path: where, message: `${addresses} is no block a.b.c.d/n` });
  else if (!isLoopbackRange(range)) {
    problems.push({
      path: where,
      message: `${addresses} is not on loopback; the addresses of the real network are \`ipv4\` and \`ipv6\``,
    });
  } else if (within(range, OPERATOR))
    problems.push({ path: where, message: `${addresses} has 127.0.0.1 in it` });
  return range;
}

/** The blocks of the lab. */
function realOf(
  { ipv4, ipv6 }: Zone,
  others: readonly CompiledZone[],
  path: readonly (string | number)[],
  problems: PlanProblem[],
): Pick<CompiledZone, 'ipv4' | 'ipv6'> {
  const four = ipv4 === undefined ? undefined : parseRange(ipv4);
  const six = ipv6 === undefined ? undefined : parseIpv6Range(ipv6);
  if (ipv4 !== undefined) {
    const problem = four === undefined ? `${ipv4} is no block a.b.c.d/n` : ipv4Problem(ipv4, four, others);
    if (problem !== undefined) problems.push({ path: [...path, 'ipv4'], message: problem });
  }
  if (ipv6 !== undefined) {
    const clash = six && others.find((one) => one.ipv6 !== undefined && overlapIpv6(one.ipv6, six));
    if (six === undefined || six.bits > MOST_IPV6_BITS || !/^fd/i.test(six.text)) {
      problems.push({
        path: [...path, 'ipv6'],
        message: `${ipv6} is no block of unique local addresses, fd…::/${MOST_IPV6_BITS} or larger`,
      });
    } else if (clash) {
      problems.push({ path: [...path, 'ipv6'], message: `${ipv6} overlaps with zone "${clash.id}"` });
    }
  }
  return {
    ...(four && ipv4 && { ipv4: { ...four, bits: Number(ipv4.split('/')[1]), text: ipv4 } }),
    ...(six && { ipv6: six }),
  };
}

function ipv4Problem(text: string, range: AddressRange, others: readonly CompiledZone[]): string | undefined {
  if (!PRIVATE.some((one) => within(one, range.first) && within(one, range.last))) {
    return `${text} is not private (RFC 1918)`;
  }
  if (range.last - range.first < SMALLEST_ZONE)
    return `${text} has no room for a router, a visitor and a device`;
  const other = others.find((one) => one.ipv4 !== undefined && overlap(one.ipv4, range));
  return other && `${text} overlaps with zone "${other.id}"`;
}

function compileAssets(
  { assets }: ZonePlan,
  zones: ReadonlyMap<string, CompiledZone>,
  problems: PlanProblem[],
): Map<string, CompiledAsset> {
  const compiled = new Map<string, CompiledAsset>();
  for (const [index, { id, title, zone, host, hosts, services }] of assets.entries()) {
    const path = ['assets', index];
    const place = host === undefined ? hosts : ([host, host] as const);
    if (compiled.has(id) || zones.has(id)) problems.push({ path, message: `"${id}" is there twice` });
    if (id === ANY) problems.push({ path: [...path, 'id'], message: '"any" means all of them' });
    if (host !== undefined && hosts !== undefined) {
      problems.push({ path: [...path, 'hosts'], message: 'either `host` or `hosts`' });
    }
    const known = zones.get(zone);
    if (known === undefined) {
      problems.push({ path: [...path, 'zone'], message: `there is no zone "${zone}"` });
    } else if (place !== undefined) {
      const where = [...path, host === undefined ? 'hosts' : 'host'];
      const [first, last] = place;
      const size = Math.min(sizeOf(known.range), known.ipv4 ? sizeOf(known.ipv4) : Number.POSITIVE_INFINITY);
      const isBeyond = known.ipv4 !== undefined && last > size - RESERVED_AT_END;
      if (first > last || last > size || isBeyond) {
        problems.push({ path: where, message: `zone "${zone}" has no address ${last}` });
      }
      if (known.ipv4 !== undefined && first <= ROUTER_PLACE) {
        problems.push({ path: where, message: `place ${ROUTER_PLACE} is that of the router` });
      }
      const other = [...compiled.values()].find(
        (one) => one.zone === zone && one.hosts && one.hosts[0] <= last && one.hosts[1] >= first,
      );
      if (other) {
        const taken = Math.max(first, other.hosts?.[0] ?? first);
        problems.push({
          path: where,
          message: `place ${taken} of zone "${zone}" is taken by another asset, "${other.id}"`,
        });
      }
    }
    const twice = services.find(({ name }, at) => services.findIndex((one) => one.name === name) < at);
    if (twice) problems.push({ path: [...path, 'services'], message: `"${twice.name}" is there twice` });
    compiled.set(id, { id, title, zone, services, ...(place && { hosts: place }) });
  }
  return compiled;
}

function addressesOf(
  zones: ReadonlyMap<string, CompiledZone>,
  assets: ReadonlyMap<string, CompiledAsset>,
): Map<string, string> {
  const addresses = new Map<string, string>();
  for (const { id, zone, hosts } of assets.values()) {
    const range = zones.get(zone)?.range;
    if (range !== undefined && hosts !== undefined && hosts[0] === hosts[1]) {
      addresses.set(id, addressText(range.first + hosts[0]));
    }
  }
  return addresses;
}

function sizeOf({ first, last }: AddressRange): number {
  return last - first;
}

/** In each zone of the lab, the first place is the router's. */
export const ROUTER_PLACE = 1;
/** The last places of a zone in the lab: a visitor's, and broadcast. */
const RESERVED_AT_END = 2;
/** A /28. */
const SMALLEST_ZONE = 15;
const MOST_IPV6_BITS = 112;
/** Blocks of the emulation for plans that name none. */
const FIRST_OWN_BLOCK = 100;
const LAST_OWN_BLOCK = 250;
/** Where whoever runs the testbed sits; see `emulation/gate.ts`. */
const OPERATOR = addressNumber('127.0.0.1') ?? 0;
const LOOPBACK = parseRange('127.0.0.0/8');
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].flatMap((text) => parseRange(text) ?? []);

function isLoopbackRange({ first, last }: AddressRange): boolean {
  return LOOPBACK !== undefined && within(LOOPBACK, first) && within(LOOPBACK, last);
}
