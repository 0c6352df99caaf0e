import type { Kind } from '../protocol/index.ts';
import type { ZonePlan } from './plan.ts';
import { type AddressRange, addressNumber, addressText, overlap, parseRange, within } from './range.ts';

/** A zone as it is asked about for every connection. */
interface CompiledZone {
  readonly id: string;
  readonly range: AddressRange;
  readonly isOpenInside: boolean;
  readonly admits: 'anybody' | ReadonlySet<Kind>;
}

interface CompiledConduit {
  readonly services: 'any' | ReadonlySet<string>;
  readonly why: string;
  readonly untilMs: number;
}

/** A plan, ready to be asked. */
export interface ZonePolicy {
  readonly id: string;
  readonly zones: ReadonlyMap<string, CompiledZone>;
  readonly assetZones: ReadonlyMap<string, string>;
  /** Addresses of the assets that stand at a fixed place. */
  readonly assetAddresses: ReadonlyMap<string, string>;
  /** By `from → to`; `from` is a zone or the address of an asset. */
  readonly conduits: ReadonlyMap<string, readonly CompiledConduit[]>;
}

/** Something in a plan that cannot be, and where: a path into its data. */
export interface PlanProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Compiles a plan, or says what in it contradicts itself. */
export function compilePlan(
  plan: ZonePlan,
): { readonly policy: ZonePolicy } | { readonly problems: readonly PlanProblem[] } {
  const problems: PlanProblem[] = [];
  const zones = compileZones(plan, problems);
  const assetAddresses = new Map<string, string>();
  const assetZones = new Map<string, string>();
  for (const [index, { id, zone, host, services }] of plan.assets.entries()) {
    const path = ['assets', index];
    const range = zones.get(zone)?.range;
    if (assetZones.has(id) || zones.has(id)) problems.push({ path, message: `"${id}" is there twice` });
    if (range === undefined)
      problems.push({ path: [...path, 'zone'], message: `there is no zone "${zone}"` });
    else if (host !== undefined && range.first + host > range.last) {
      problems.push({ path: [...path, 'host'], message: `zone "${zone}" has no address ${host}` });
    } else if (host !== undefined) {
      const address = addressText(range.first + host);
      if ([...assetAddresses.values()].includes(address)) {
        problems.push({ path: [...path, 'host'], message: `${address} is taken by another asset` });
      }
      assetAddresses.set(id, address);
    }
    const twice = services.find(({ name }, at) => services.findIndex((one) => one.name === name) < at);
    if (twice) problems.push({ path: [...path, 'services'], message: `"${twice.name}" is there twice` });
    assetZones.set(id, zone);
  }
  const conduits = compileConduits(plan, zones, assetAddresses, problems);
  if (problems.length > 0) return { problems };
  return { policy: { id: plan.id, zones, assetZones, assetAddresses, conduits } };
}

/** The zone of an address; `undefined` where it stands in none. */
export function zoneAt(policy: ZonePolicy, address: string): CompiledZone | undefined {
  const number = addressNumber(address);
  if (number === undefined) return undefined;
  for (const zone of policy.zones.values()) if (within(zone.range, number)) return zone;
  return undefined;
}

function compileZones({ zones }: ZonePlan, problems: PlanProblem[]): Map<string, CompiledZone> {
  const compiled = new Map<string, CompiledZone>();
  for (const [index, { id, addresses, inside, admits }] of zones.entries()) {
    const path = ['zones', index];
    const range = parseRange(addresses);
    if (range === undefined) {
      problems.push({ path: [...path, 'addresses'], message: `${addresses} is no block a.b.c.d/n` });
      continue;
    }
    const where = [...path, 'addresses'];
    if (!isLoopbackRange(range)) problems.push({ path: where, message: `${addresses} is not on loopback` });
    if (within(range, OPERATOR)) problems.push({ path: where, message: `${addresses} has 127.0.0.1 in it` });
    const other = [...compiled.values()].find((one) => overlap(one.range, range));
    if (other) problems.push({ path: where, message: `${addresses} overlaps with zone "${other.id}"` });
    if (compiled.has(id)) problems.push({ path, message: `"${id}" is there twice` });
    compiled.set(id, {
      id,
      range,
      isOpenInside: inside === 'open',
      admits: admits === 'anybody' ? admits : new Set(admits),
    });
  }
  return compiled;
}

function compileConduits(
  { assets, conduits }: ZonePlan,
  zones: ReadonlyMap<string, CompiledZone>,
  assetAddresses: ReadonlyMap<string, string>,
  problems: PlanProblem[],
): Map<string, CompiledConduit[]> {
  const compiled = new Map<string, CompiledConduit[]>();
  for (const [index, { from, to, services, why, until }] of conduits.entries()) {
    const path = ['conduits', index];
    const start = zones.has(from) ? from : assetAddresses.get(from);
    if (start === undefined) {
      problems.push({
        path: [...path, 'from'],
        message: `there is no zone, and no asset with a host, "${from}"`,
      });
    }
    const asset = assets.find(({ id }) => id === to);
    if (asset === undefined) problems.push({ path: [...path, 'to'], message: `there is no asset "${to}"` });
    const known = asset?.services.map(({ name }) => name) ?? [];
    const unknown = services === 'any' ? undefined : services.find((name) => !known.includes(name));
    if (asset !== undefined && unknown !== undefined) {
      problems.push({ path: [...path, 'services'], message: `"${to}" has no service "${unknown}"` });
    }
    if (start === undefined) continue;
    const key = conduitKey(start, to);
    const conduit = {
      services: services === 'any' ? services : new Set(services),
      why,
      untilMs: until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until),
    };
    compiled.set(key, [...(compiled.get(key) ?? []), conduit]);
  }
  return compiled;
}

export function conduitKey(from: string, to: string): string {
  return `${from} → ${to}`;
}

/** Where whoever runs the testbed sits; see `gate.ts`. */
const OPERATOR = addressNumber('127.0.0.1') ?? 0;
const LOOPBACK = parseRange('127.0.0.0/8');

function isLoopbackRange({ first, last }: AddressRange): boolean {
  return LOOPBACK !== undefined && within(LOOPBACK, first) && within(LOOPBACK, last);
}
