import type { Layout } from '../plan/layout.ts';
import { evaluate } from '../ruleset/evaluate.ts';
import { readListing } from '../ruleset/listing.ts';
import type { StaticVerdict } from './judgement.ts';
import type { Opening } from './reach-cells.ts';

/**
 * What a ruleset does, worked out.
 *
 * @param listed what the router has: `nft -j list ruleset`
 * @param atMs when, for rules that ask for the time
 */
export function rulesetJudge(
  listed: unknown,
  { zones }: Layout,
  atMs: number,
): (opening: Opening) => StaticVerdict {
  const listing = readListing(listed);
  const interfaces = new Map(zones.map((zone) => [zone.id, zone.interface]));
  return ({ fromZone, toZone, from, to, ipVersion, protocol, port }) =>
    evaluate(listing, {
      ...{ in: interfaces.get(fromZone) ?? '', out: interfaces.get(toZone) ?? '' },
      ...{ from, to, version: ipVersion, protocol, port, atMs },
    });
}
