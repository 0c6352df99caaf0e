import {
  type CompiledConduit,
  type CompiledZone,
  type IpVersion,
  indexed,
  type ZonePolicy,
} from '../plan/policy.ts';
import type { Cell } from '../table/document.ts';

/**
 * A network as rehearsals have it, made of what was seen on another one: its zones are those that scenarios know, and from each of them
 * exactly that is let through which got through from where its people stand in the other network. So attacks run from their new position.
 *
 * @param known the plan whose zones and assets scenarios name
 * @param theirs the plan of the network that was probed; assets have the same names
 */
export function observedPolicy(known: ZonePolicy, theirs: ZonePolicy, cells: readonly Cell[]): ZonePolicy {
  const through = passedFrom(cells);
  const conduits: CompiledConduit[] = [];
  for (const zone of known.zones.values()) {
    const stands = standingOf(zone, known, theirs);
    if (stands === undefined) continue;
    conduits.push(...conduitsOf(zone.id, through.get(stands), known));
  }
  for (const [asset] of known.assetAddresses) conduits.push(...conduitsOf(asset, through.get(asset), known));
  // Neighbours, too, reach each other by what was seen.
  const zones = new Map([...known.zones].map(([id, zone]) => [id, { ...zone, isOpenInside: false }]));
  return { ...known, zones, conduits, between: indexed(conduits) };
}

/** Who reached which port of which asset over which version, by who it was. */
type Passed = ReadonlyMap<string, readonly Cell[]>;

function passedFrom(cells: readonly Cell[]): Passed {
  const passed = new Map<string, Cell[]>();
  for (const cell of cells) {
    // A floor without mutual TLS has its broker in the clear, where this one has it over TLS.
    if (cell.service === IN_THE_CLEAR.service) continue;
    if (cell.layer !== 'l3-l4' || cell.service === undefined || !cell.through) continue;
    const already = passed.get(cell.from);
    if (already === undefined) passed.set(cell.from, [cell]);
    else already.push(cell);
  }
  return passed;
}

/** In whose place the people of a zone stand in the other network: in the zone of that name, else where most of its assets are. */
function standingOf(zone: CompiledZone, known: ZonePolicy, theirs: ZonePolicy): string | undefined {
  if (theirs.zones.has(zone.id)) return zone.id;
  const counts = new Map<string, number>();
  for (const { id, zone: own } of known.assets.values()) {
    const there = theirs.assets.get(id)?.zone;
    if (own === zone.id && there !== undefined) counts.set(there, (counts.get(there) ?? 0) + 1);
  }
  const most = [...counts].sort(([, one], [, other]) => other - one)[0];
  // A zone without assets, such as one of routers, is nowhere if there is more than one place to be.
  return most?.[0] ?? (theirs.zones.size === 1 ? [...theirs.zones.keys()][0] : undefined);
}

/** Behind the conduit of which service a broker stands that speaks no TLS. */
const IN_THE_CLEAR = { asset: 'broker', like: 'mqtt-tls', service: 'mqtt-plaintext' } as const;

function conduitsOf(
  from: string,
  cells: readonly Cell[] = [],
  known: ZonePolicy,
): readonly CompiledConduit[] {
  const versions = new Map<string, Set<IpVersion>>();
  for (const { to, service, ipVersion } of cells) {
    const key = `${to} ${service}`;
    versions.set(key, (versions.get(key) ?? new Set<IpVersion>()).add(ipVersion));
  }
  return [...versions].flatMap(([key, over]): readonly CompiledConduit[] => {
    const [to = '', name = ''] = key.split(' ');
    const all = known.assets.get(to)?.services ?? [];
    const services = all.filter((one) => one.name === name || isAlike(to, name, one.name));
    if (services.length === 0) return [];
    const [version] = over;
    return [
      {
        ...{ name: `${from}-to-${to}-${name}`, from, to, why: 'It was seen to get through.' },
        ports: services.map(({ protocol, port }) => ({ protocol, first: port, last: port })),
        ...(over.size === 1 && version !== undefined && { over: version }),
        untilMs: Number.POSITIVE_INFINITY,
      },
    ];
  });
}

function isAlike(asset: string, name: string, other: string): boolean {
  return asset === IN_THE_CLEAR.asset && name === IN_THE_CLEAR.like && other === IN_THE_CLEAR.service;
}
