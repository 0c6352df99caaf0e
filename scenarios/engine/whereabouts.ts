import type { AttackGround } from './port.ts';

/** From where an adversary speaks: it may be let to another place by a step, and moved by those who defend. */
export class Whereabouts {
  readonly #ground: Pick<AttackGround, 'sourceAddress'>;
  readonly #addresses = new Set<string>();

  constructor(ground: Pick<AttackGround, 'sourceAddress'>) {
    this.#ground = ground;
  }

  /** Carries out a step of it, and takes note of where it stood before and stands after. */
  async during<T>(step: () => Promise<T>): Promise<T> {
    this.#note();
    const result = await step();
    this.#note();
    return result;
  }

  addresses(): readonly string[] {
    return [...this.#addresses];
  }

  #note(): void {
    const address = this.#ground.sourceAddress();
    if (address !== undefined) this.#addresses.add(address);
  }
}
