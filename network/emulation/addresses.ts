import { PumprangeError } from '../../protocol/index.ts';
import type { ZonePolicy } from '../plan/policy.ts';
import { addressText } from '../plan/range.ts';

/** Leases addresses, from the last of a zone downwards: the house's own stand at the first ones. */
export class Addresses {
  readonly #policy: ZonePolicy;
  readonly #taken: Set<string>;
  /** Offset from the last address that was given last, by zone. */
  readonly #given = new Map<string, number>();

  constructor(policy: ZonePolicy) {
    this.#policy = policy;
    this.#taken = new Set(policy.assetAddresses.values());
  }

  /**
   * An address for somebody who has just come; nobody else gets it.
   *
   * @throws PumprangeError `PR_ZONES_INVALID` for a zone that is not there, or is full
   */
  lease(zone: string): string {
    const range = this.#policy.zones.get(zone)?.range;
    if (range === undefined) throw new PumprangeError('PR_ZONES_INVALID', `there is no zone ${zone}`);
    // The first and the last address of a network belong to nobody.
    for (let offset = (this.#given.get(zone) ?? 0) + 1; range.last - offset > range.first; offset++) {
      this.#given.set(zone, offset);
      const address = addressText(range.last - offset);
      if (!this.#taken.has(address)) return address;
    }
    throw new PumprangeError('PR_ZONES_INVALID', `zone ${zone} has no address left`);
  }
}
