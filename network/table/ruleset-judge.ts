import type { Layout } from '../plan/layout.ts';
import { evaluate } from '../ruleset/evaluate.ts';
import { readListing } from '../ruleset/listing.ts';
import { EPHEMERAL } from '../ruleset/match.ts';
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
  return ({ fromZone, toZone, from, to, ipVersion, protocol, port }) => {
    const [near, far] = [interfaces.get(fromZone) ?? '', interfaces.get(toZone) ?? ''];
    const both = { version: ipVersion, protocol, atMs } as const;
    const verdict = evaluate(listing, { ...both, in: near, out: far, from, to, port });
    if (verdict.verdict !== 'accept') return verdict;
    const back = { in: far, out: near, from: to, to: from, fromPort: port, port: EPHEMERAL };
    return { ...verdict, answers: evaluate(listing, { ...both, ...back, state: 'established' }) };
  };
}
