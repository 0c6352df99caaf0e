import type { GatedService } from '../../protocol/index.ts';
import { compileConduits } from '../plan/conduits.ts';
import type { Conduit } from '../plan/plan.ts';
import { assetAt, type IpVersion, indexed, passageTo, type ZonePolicy, zoneAt } from '../plan/policy.ts';
import type { PlanProblem } from '../plan/problem.ts';
import { plainAddress } from '../plan/range.ts';

/** What whoever looks after a firewall does to it. */
export interface FirewallChange {
  /** Conduits that it lets through from now on. */
  readonly open: readonly Conduit[];
  /** Names of conduits that it does not any more. */
  readonly close: readonly string[];
}

/**
 * The zones of a floor as they are now: what the plan says, what was changed at the firewall since, which zones a wrong cable has joined,
 * and between which of them nothing gets through.
 */
export class FloorPlan {
  #policy: ZonePolicy;
  /** Zones that are one network by mistake, in both directions. */
  readonly #bridged = new Map<string, Set<string>>();
  readonly #partitions = new Set<string>();
  readonly #overIpv6 = new Set<string>();

  constructor(policy: ZonePolicy) {
    this.#policy = policy;
  }

  get policy(): ZonePolicy {
    return this.#policy;
  }

  /** All of a change or, with the problems, nothing of it. */
  change({ open, close }: FirewallChange): readonly PlanProblem[] {
    const { zones, assets, conduits } = this.#policy;
    const problems: PlanProblem[] = [];
    for (const [index, name] of close.entries()) {
      if (!conduits.some((one) => one.name === name)) {
        problems.push({ path: ['close', index], message: `there is no conduit "${name}"` });
      }
    }
    // What a forgotten rule covers stays beside it, as in a firewall.
    const added = compileConduits({ conduits: open }, { zones, assets }, problems, 'beside others');
    if (problems.length > 0) return problems;
    const left = conduits.filter(({ name }) => !close.includes(name));
    const all = [...left.filter(({ name }) => !added.some((one) => one.name === name)), ...added];
    this.#policy = { ...this.#policy, conduits: all, between: indexed(all) };
    return [];
  }

  /** A cable in the wrong port: who is in the one zone is in the other, too. */
  bridge(one: string, other: string): void {
    for (const [from, to] of both(one, other)) {
      this.#bridged.set(from, (this.#bridged.get(from) ?? new Set<string>()).add(to));
    }
  }

  unbridge(one: string, other: string): void {
    for (const [from, to] of both(one, other)) this.#bridged.get(from)?.delete(to);
  }

  /** Nothing gets from the one to the other, nor back. */
  partition(one: string, other: string): void {
    this.#partitions.add(pairKey(one, other));
  }

  heal(one: string, other: string): void {
    this.#partitions.delete(pairKey(one, other));
  }

  /** From now on this address stands for somebody who speaks IPv6. */
  speaksIpv6(address: string): void {
    this.#overIpv6.add(plainAddress(address));
  }

  ipVersionOf(address: string): IpVersion {
    return this.#overIpv6.has(plainAddress(address)) ? 'ipv6' : 'ipv4';
  }

  /** The zone in which an address stands, by the plan. */
  zoneOf(address: string): string | undefined {
    return zoneAt(this.#policy, address)?.id;
  }

  /** Whether an address is among those of a zone, be it by a wrong cable. */
  standsIn(zone: string, address: string): boolean {
    const own = this.zoneOf(address);
    return own === zone || (own !== undefined && this.#bridged.get(own)?.has(zone) === true);
  }

  /** May what speaks from here open a connection to this service? */
  allows(from: string, { asset, name }: GatedService, atMs: number): boolean {
    const zone = this.zoneOf(from);
    const target = this.#policy.assets.get(asset)?.zone;
    if (zone === undefined || target === undefined) return false;
    const over = this.ipVersionOf(from);
    const asked = { asset, service: name };
    return [zone, ...(this.#bridged.get(zone) ?? [])].some((start) => {
      // On the same wire there is nothing in between.
      if (start !== target && this.#partitions.has(pairKey(start, target))) return false;
      if (start !== zone && start === target) return true;
      const sender = { zone: start, asset: start === zone ? assetAt(this.#policy, from) : undefined };
      return passageTo(this.#policy, sender, asked, atMs, over) !== undefined;
    });
  }
}

function both(one: string, other: string): readonly (readonly [string, string])[] {
  return [
    [one, other],
    [other, one],
  ];
}

function pairKey(one: string, other: string): string {
  return [one, other].sort().join(' | ');
}
