import type { DisclosedSecret } from '../engine/observation.ts';
import type { AttackCredential } from '../engine/port.ts';
import { isSecret, type Stored } from '../format/device-values.ts';

/** What an adversary has taken and keeps, so that one step finds what another one stole. A key that it did not get, it cannot use. */
export class Loot {
  readonly #credentials = new Map<string, AttackCredential>();
  readonly #stored = new Map<string, string>();
  readonly #secrets: DisclosedSecret[] = [];

  keepCredential(name: string, credential: AttackCredential): void {
    this.#credentials.set(name, credential);
  }

  /** `undefined` where no step has taken it. */
  credential(name: string): AttackCredential | undefined {
    return this.#credentials.get(name);
  }

  /** Something that a pump stored has been read. With `name`, its certificate and key are kept under it once both have. */
  take(
    serial: string,
    kind: Stored,
    content: string,
    { atMs, name }: { readonly atMs: number; readonly name?: string | undefined },
  ): void {
    const place = `${serial} ${kind}`;
    if (isSecret(kind) && !this.#stored.has(place)) this.#secrets.push({ serial, kind, atMs });
    this.#stored.set(place, content);
    const privateKeyPem = this.#stored.get(`${serial} private-key`);
    const chainPem = this.#stored.get(`${serial} certificate`);
    if (name === undefined || privateKeyPem === undefined || chainPem === undefined) return;
    this.keepCredential(name, { privateKeyPem, chainPem });
  }

  /** The drug library of a pump, or of any other if it has not read that one's. */
  library(serial: string): string | undefined {
    const own = this.#stored.get(`${serial} library`);
    return own ?? [...this.#stored].find(([place]) => place.endsWith(' library'))?.[1];
  }

  /** Secrets of pumps, each once. */
  secrets(): readonly DisclosedSecret[] {
    return this.#secrets;
  }
}
