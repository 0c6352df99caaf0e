import type { ControlId, Identity } from '../../protocol/index.ts';
import { urnOf } from '../../protocol/index.ts';
import { OPERATOR_ZONE } from './gate.ts';

/** Whom to put out of reach. An identity comes with the addresses that it was seen at. */
export interface QuarantineTarget {
  readonly identities: readonly Identity[];
  readonly addresses: readonly string[];
}

export interface QuarantineGround {
  readonly controls: ReadonlySet<ControlId>;
  readonly zoneOf: (address: string) => string;
  /** Ends what is open from an address. */
  readonly cut: (address: string) => number;
}

export type QuarantineResult =
  | { readonly done: true; readonly addresses: readonly string[]; readonly cut: number }
  | { readonly done: false; readonly reason: string };

/**
 * Who is out of reach. The one place of `network-quarantine`: without it, or on a network without zones, where no router stands
 * between one device and the next, nobody can move anything out of reach.
 */
export class Quarantine {
  readonly #ground: QuarantineGround;
  readonly #addresses = new Set<string>();
  readonly #identities = new Set<string>();

  constructor(ground: QuarantineGround) {
    this.#ground = ground;
  }

  hasAddress(address: string): boolean {
    return this.#addresses.has(address);
  }

  hasIdentity(identity: Identity): boolean {
    return this.#identities.has(urnOf(identity));
  }

  /** Open connections of the target end, and new ones are denied by the gate. */
  impose({ identities, addresses }: QuarantineTarget): QuarantineResult {
    const cannot = this.#cannot();
    if (cannot !== undefined) return { done: false, reason: cannot };
    // Without addresses of their own all stand at the operator's, and one could not be cut off without the rest.
    const moved = addresses.filter((address) => this.#ground.zoneOf(address) !== OPERATOR_ZONE);
    if (moved.length === 0 && identities.length === 0) {
      return { done: false, reason: 'nobody knows an address of it' };
    }
    for (const identity of identities) this.#identities.add(urnOf(identity));
    let cut = 0;
    for (const address of moved) {
      this.#addresses.add(address);
      cut += this.#ground.cut(address);
    }
    return { done: true, addresses: moved, cut };
  }

  lift({ identities, addresses }: QuarantineTarget): QuarantineResult {
    const cannot = this.#cannot();
    if (cannot !== undefined) return { done: false, reason: cannot };
    for (const identity of identities) this.#identities.delete(urnOf(identity));
    const freed = addresses.filter((address) => this.#addresses.delete(address));
    return { done: true, addresses: freed, cut: 0 };
  }

  #cannot(): string | undefined {
    const { controls } = this.#ground;
    if (!controls.has('network-quarantine')) return 'nobody can move a device out of reach';
    if (!controls.has('zone-segmentation')) return 'there is one network: no place is out of reach';
    return undefined;
  }
}
