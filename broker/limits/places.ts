import { type Identity, urnOf } from '../../protocol/index.ts';

/** One session that counts against `sessions`. */
export interface Place {
  release(): void;
}

/**
 * Which sessions of an identity are open or about to be: one counts from its CONNECT on, or many that come at once would all see that
 * there is room. Sessions under one client id count once, since the last of them takes over from the others [MQTT-3.1.4-2].
 */
export class Places {
  /** Identity → client id → sessions under it. */
  readonly #taken = new Map<string, Map<string, number>>();

  /** How many client ids of an identity have a place, beside this one. */
  others(identity: Identity, clientId: string): number {
    const taken = this.#taken.get(urnOf(identity));
    return taken === undefined ? 0 : taken.size - (taken.has(clientId) ? 1 : 0);
  }

  take(identity: Identity, clientId: string): Place {
    const urn = urnOf(identity);
    const taken = this.#taken.get(urn) ?? new Map<string, number>();
    this.#taken.set(urn, taken);
    taken.set(clientId, (taken.get(clientId) ?? 0) + 1);
    let held = true;
    return {
      release: () => {
        if (!held) return;
        held = false;
        const left = (taken.get(clientId) ?? 0) - 1;
        if (left > 0) taken.set(clientId, left);
        else taken.delete(clientId);
        if (taken.size === 0 && this.#taken.get(urn) === taken) this.#taken.delete(urn);
      },
    };
  }
}
