import type { AttackCredential } from '../engine/port.ts';

/** What an adversary has taken and keeps, so that one step finds what another one stole. */
export class Loot {
  readonly #credentials = new Map<string, AttackCredential>();

  keepCredential(name: string, credential: AttackCredential): void {
    this.#credentials.set(name, credential);
  }

  /** `undefined` where no step has taken it. */
  credential(name: string): AttackCredential | undefined {
    return this.#credentials.get(name);
  }
}
