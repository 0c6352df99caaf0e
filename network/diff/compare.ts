import type { Cell } from '../table/document.ts';

/** One way that is open now and was not before, or the other way round. */
export interface Change {
  readonly gained: boolean;
  /** Who probes: a zone, for a visitor of it, or an asset. */
  readonly from: string;
  readonly to: string;
  readonly layer: Cell['layer'];
  /** Whose certificate was shown; none at the lowest layer. */
  readonly roles: readonly string[];
  readonly probe: string;
  /** What the plan calls the port. */
  readonly service?: string;
  readonly ipVersions: readonly Cell['ipVersion'][];
  readonly was: readonly Cell['actual'][];
  readonly is: readonly Cell['actual'][];
  /** The conduit or rule that decides now. */
  readonly by: string;
}

/**
 * What a change of the network opens and closes, seen in two tables. Devices of one asset count as one; roles and versions of IP stand in one
 * line; a device is left out where all that is new for it is so for any visitor of its zone. Visitors are compared where both networks have the
 * zone; devices wherever they stand.
 */
export function compareTables(before: readonly Cell[], after: readonly Cell[]): readonly Change[] {
  const old = byQuestion(before);
  const lines = new Map<string, Change>();
  const ofZones = new Set<string>();
  const changed = [...byQuestion(after)].flatMap(([key, is]) => {
    const was = old.get(key);
    return was === undefined || isThrough(was) === isThrough(is) ? [] : [{ was, is, gained: isThrough(is) }];
  });
  for (const { is, gained } of changed) {
    if (is.from === is.fromZone) ofZones.add(whatKey(is, is.fromZone, gained));
  }
  for (const { was, is, gained } of changed) {
    if (is.from !== is.fromZone && ofZones.has(whatKey(is, is.fromZone, gained))) continue;
    const from = partyOf(is.from);
    const probe = whatOf(is);
    const line = `${gained} ${from} ${is.to} ${is.layer} ${probe}`;
    const change = lines.get(line);
    lines.set(line, {
      ...{ gained, from, to: is.to, layer: is.layer, probe, by: is.by },
      roles: is.role === undefined ? [] : added(change?.roles, is.role),
      ...(is.service !== undefined && { service: is.service }),
      ipVersions: added(change?.ipVersions, is.ipVersion),
      was: added(change?.was, was.actual),
      is: added(change?.is, is.actual),
    });
  }
  return [...lines.values()];
}

/** Assets of which somebody reaches something that they did not before, by who it is. */
export function newlyReachable(changes: readonly Change[]): ReadonlyMap<string, readonly string[]> {
  const reachable = new Map<string, Set<string>>();
  for (const { gained, from, to, layer } of changes) {
    if (gained && layer === 'l3-l4') reachable.set(to, (reachable.get(to) ?? new Set<string>()).add(from));
  }
  return new Map([...reachable].map(([asset, whom]) => [asset, [...whom].sort()]));
}

/** At the lowest layer, whether it got through, be it to a closed port; above it, whether it was taken. */
function isThrough({ layer, through, actual }: Cell): boolean {
  if (layer === 'l3-l4') return through;
  return actual === 'accepted' || actual === 'allowed' || actual === 'reached';
}

/** Ports that are no service of anybody stand for one another. */
function whatOf({ layer, service, probe }: Cell): string {
  return layer === 'l3-l4' && service === undefined ? 'ports of no service' : probe;
}

function byQuestion(cells: readonly Cell[]): ReadonlyMap<string, Cell> {
  return new Map(
    cells.map((cell) => [
      [cell.from, cell.role, cell.device, cell.ipVersion, cell.layer, cell.probe].join(' '),
      cell,
    ]),
  );
}

function whatKey({ role, device, ipVersion, layer, probe }: Cell, from: string, gained: boolean): string {
  return [gained, from, role, device, ipVersion, layer, probe].join(' ');
}

/** `pump/2` is a pump. */
function partyOf(device: string): string {
  return device.replace(/\/\d+$/, '');
}

function added<T>(all: readonly T[] | undefined, one: T): readonly T[] {
  return [...new Set([...(all ?? []), one])];
}
