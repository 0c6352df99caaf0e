import type { Clock, Timer } from '../../clock/index.ts';
import type { Certificate } from '../x509/certificate.ts';
import { type Crl, parseCrl } from '../x509/crl.ts';
import { isCrlOf, revocationStatus } from './revocation.ts';
import type { FetchingSource } from './revocation-source.ts';

export interface FetchedCrlsOptions {
  readonly clock: Clock;
  /** Gets the DER of the CRL of an issuer; rejects where it cannot be had. */
  readonly fetch: (issuer: Certificate) => Promise<Uint8Array>;
  readonly refreshMs: number;
  /** A list that was got longer ago acquits nobody, though it has not run out itself. Absent: it does. */
  readonly freshForMs?: number;
  /** Told of each list that could not be had or was not believed. */
  readonly failed: (detail: string) => void;
}

/**
 * CRLs over HTTP, fetched when an issuer is first met and again on the Clock. The last one that was good is kept: it still
 * convicts when it has run out. A list with a lower number is an old one, and nobody is acquitted by it.
 */
export function fetchedCrls({
  clock,
  fetch,
  refreshMs,
  freshForMs,
  failed,
}: FetchedCrlsOptions): FetchingSource {
  interface Entry {
    crl: Crl | undefined;
    gotAtMs: number;
    underWay: Promise<void> | undefined;
    timer: Timer | undefined;
  }
  const entries = new Map<string, Entry>();
  let isStopped = false;

  function entryOf(issuer: Certificate): Entry {
    let entry = entries.get(issuer.fingerprint);
    if (entry === undefined) {
      entry = { crl: undefined, gotAtMs: 0, underWay: undefined, timer: undefined };
      entries.set(issuer.fingerprint, entry);
      void refresh(issuer, entry);
    }
    return entry;
  }

  function refresh(issuer: Certificate, entry: Entry): Promise<void> {
    entry.underWay ??= get(issuer, entry).finally(() => {
      entry.underWay = undefined;
      if (!isStopped) entry.timer = clock.after(refreshMs, () => void refresh(issuer, entry));
    });
    return entry.underWay;
  }

  async function get(issuer: Certificate, entry: Entry): Promise<void> {
    try {
      const crl = parseCrl(await fetch(issuer));
      if (!isCrlOf(crl, issuer)) throw new TypeError('it was not issued by that authority');
      if (entry.crl !== undefined && crl.number < entry.crl.number) {
        throw new TypeError(`it is number ${crl.number}, and ${entry.crl.number} was there before`);
      }
      entry.crl = crl;
      entry.gotAtMs = clock.now();
    } catch (error) {
      failed(`CRL of ${issuer.subjectText}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    status: (certificate, issuer, atMs) => {
      const { crl, gotAtMs } = entryOf(issuer);
      const known = revocationStatus(certificate, issuer, crl === undefined ? [] : [crl], atMs);
      if (known.status === 'good' && freshForMs !== undefined && atMs > gotAtMs + freshForMs) {
        return { status: 'unknown', detail: `the CRL of ${issuer.subjectText} was not renewed in time` };
      }
      return known;
    },
    prepare: async (_certificate, issuer) => {
      await entryOf(issuer).underWay;
    },
    stop: () => {
      isStopped = true;
      for (const { timer } of entries.values()) timer?.cancel();
    },
  };
}
