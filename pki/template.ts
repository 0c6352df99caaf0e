import type { Clock } from '../clock/index.ts';
import type { EvidenceSink } from '../protocol/index.ts';
import { openSite } from './authority/open-site.ts';
import { Stock } from './authority/stock.ts';
import { pkiIn, SITE_NAME } from './open-pki.ts';
import type { Pki } from './pki.ts';
import { memoryStore } from './store/memory-store.ts';

/** A PKI as it is at one instant, from which others begin. */
export interface PkiTemplate {
  /** At which it was made. */
  readonly atMs: number;
  /**
   * A PKI with the authorities of the template, in memory and on its own: what it issues, revokes or rolls over, no other
   * one knows of. Only that a holder's first credential is issued at `atMs` itself makes no new key.
   */
  open(options: { readonly clock: Clock; readonly evidence: EvidenceSink }): Pki;
}

/** Makes the authorities once, for the many rehearsals of one process that begin at the same instant of their clocks. */
export function pkiTemplate(atMs: number): PkiTemplate {
  const store = memoryStore();
  const { site, created } = openSite(store, { name: SITE_NAME, keyAlgorithm: 'p256', atMs });
  const stock = new Stock(site, atMs);
  return { atMs, open: (options) => pkiIn(store.copy(), options, { site, created, stock }) };
}
