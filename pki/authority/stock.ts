import { type Identity, urnOf } from '../../protocol/index.ts';
import type { CertificateProfile } from '../profiles.ts';
import type { Credential } from './mint.ts';
import type { Site } from './site.ts';

/** Names who holds a credential for what. */
export function holderOf(identity: Identity, profile: CertificateProfile): string {
  return `${urnOf(identity)} ${profile}`;
}

/**
 * Keys and certificates as they are issued at one instant, for several PKIs that begin at it with the same authorities. Whoever is
 * issued one at any other time, or by a later authority, gets a new one.
 */
export class Stock {
  readonly #site: Site;
  readonly #atMs: number;
  readonly #credentials = new Map<string, Credential>();

  constructor(site: Site, atMs: number) {
    this.#site = site;
    this.#atMs = atMs;
  }

  take(holder: string, site: Site, nowMs: number): Credential | undefined {
    return this.#isOf(site, nowMs) ? this.#credentials.get(holder) : undefined;
  }

  /** Keeps the first that is issued to each holder. */
  offer(holder: string, credential: Credential, site: Site, nowMs: number): void {
    if (this.#isOf(site, nowMs) && !this.#credentials.has(holder)) this.#credentials.set(holder, credential);
  }

  #isOf(site: Site, nowMs: number): boolean {
    return site === this.#site && nowMs === this.#atMs;
  }
}
