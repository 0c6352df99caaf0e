import { PumprangeError } from '../protocol/index.ts';
import type { ZonePolicy } from './policy.ts';
import { addressText } from './range.ts';

/**
 * Who has which address. The house's own actors are numbered from the first address of their zone upwards, whoever comes
 * later gets one from the last downwards.
 */
export class Addresses {
  readonly #policy: ZonePolicy;
  readonly #taken: Set<string>;
  readonly #own = new Map<string, string>();
  /** Offset that was given last, by zone. */
  readonly #up = new Map<string, number>();
  readonly #down = new Map<string, number>();

  constructor(policy: ZonePolicy) {
    this.#policy = policy;
    this.#taken = new Set(policy.assetAddresses.values());
  }

  /** The address of somebody of the house; the same one each time. @throws PumprangeError `PR_ZONES_INVALID` */
  of(zone: string, name: string): string {
    const known = this.#own.get(name) ?? this.#policy.assetAddresses.get(name);
    if (known !== undefined) return known;
    const address = this.#next(zone, 'up');
    this.#own.set(name, address);
    return address;
  }

  /** An address for somebody who has just come. @throws PumprangeError `PR_ZONES_INVALID` */
  lease(zone: string): string {
    return this.#next(zone, 'down');
  }

  #next(zone: string, way: 'up' | 'down'): string {
    const range = this.#policy.zones.get(zone)?.range;
    if (range === undefined) throw new PumprangeError('PR_ZONES_INVALID', `there is no zone ${zone}`);
    const given = way === 'up' ? this.#up : this.#down;
    // The first and the last address of a network belong to nobody.
    for (let offset = (given.get(zone) ?? 0) + 1; range.first + offset < range.last; offset++) {
      const address = addressText(way === 'up' ? range.first + offset : range.last - offset);
      if (this.#taken.has(address)) continue;
      given.set(zone, offset);
      this.#taken.add(address);
      return address;
    }
    throw new PumprangeError('PR_ZONES_INVALID', `zone ${zone} has no address left`);
  }
}
