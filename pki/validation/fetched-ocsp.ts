import type { Clock, Timer } from '../../clock/index.ts';
import { buildOcspRequest } from '../status/build-ocsp-request.ts';
import { certIdOf } from '../status/cert-id.ts';
import { type ReadOcspResponse, readOcspResponse } from '../status/read-ocsp-response.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { RevocationStatus } from './revocation.ts';
import type { FetchingSource } from './revocation-source.ts';

export interface FetchedOcspOptions {
  readonly clock: Clock;
  /** Sends a request and gets the DER of the answer; rejects where none came. */
  readonly ask: (request: Uint8Array) => Promise<Uint8Array>;
  readonly refreshMs: number;
  /** An answer that is older acquits nobody. Absent: as long as it says itself. */
  readonly freshForMs?: number;
  /** Certificates that are kept, at most. Absent: 20,000. */
  readonly capacity?: number;
  /** Told of each answer that did not come or was not believed. */
  readonly failed: (detail: string) => void;
  /** Told once of each certificate that is found revoked. */
  readonly revoked?: (certificate: Certificate) => void;
}

/**
 * OCSP with a cache. A certificate that is met for the first time is asked about at once, and is unknown until the answer is
 * there; from then on it is asked about again on the Clock, as long as it is good. No nonce is sent: answers are to be
 * cached [RFC 5019 §4]. What was once revoked stays so.
 */
export function fetchedOcsp(options: FetchedOcspOptions): FetchingSource {
  const { clock, ask, refreshMs, freshForMs = Number.POSITIVE_INFINITY, capacity = 20_000, failed } = options;
  interface Entry {
    answer: ReadOcspResponse | undefined;
    underWay: Promise<void> | undefined;
    timer: Timer | undefined;
  }
  const entries = new Map<string, Entry>();
  let isStopped = false;

  function entryOf(certificate: Certificate, issuer: Certificate): Entry {
    let entry = entries.get(certificate.fingerprint);
    if (entry === undefined) {
      entry = { answer: undefined, underWay: undefined, timer: undefined };
      makeRoom();
      entries.set(certificate.fingerprint, entry);
      void refresh(certificate, issuer, entry);
    }
    return entry;
  }

  /** Whoever presents many certificates makes it forget the oldest, not grow. */
  function makeRoom(): void {
    if (entries.size < capacity) return;
    const [oldest] = entries;
    if (oldest === undefined) return;
    oldest[1].timer?.cancel();
    entries.delete(oldest[0]);
  }

  function refresh(certificate: Certificate, issuer: Certificate, entry: Entry): Promise<void> {
    entry.underWay ??= get(certificate, issuer, entry).finally(() => {
      entry.underWay = undefined;
      const isWanted = !isStopped && entries.get(certificate.fingerprint) === entry;
      const isOver = entry.answer?.status.status === 'revoked' || clock.now() > certificate.notAfterMs;
      if (isWanted && !isOver) {
        entry.timer = clock.after(refreshMs, () => void refresh(certificate, issuer, entry));
      }
    });
    return entry.underWay;
  }

  async function get(certificate: Certificate, issuer: Certificate, entry: Entry): Promise<void> {
    const { serialNumber } = certificate;
    try {
      const bytes = await ask(buildOcspRequest([certIdOf(serialNumber, issuer)]));
      const answer = readOcspResponse(bytes, { serialNumber, issuer, atMs: clock.now() });
      // An answer that was recorded earlier and is played back [RFC 6960 §5].
      if (answer.thisUpdateMs < (entry.answer?.thisUpdateMs ?? 0))
        throw new TypeError('an older answer came');
      entry.answer = answer;
      if (answer.status.status === 'revoked') options.revoked?.(certificate);
    } catch (error) {
      failed(
        `OCSP for ${certificate.subjectText}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  return {
    status: (certificate, issuer, atMs) =>
      statusFrom(entryOf(certificate, issuer).answer, certificate, atMs, freshForMs),
    prepare: async (certificate, issuer) => {
      await entryOf(certificate, issuer).underWay;
    },
    stop: () => {
      isStopped = true;
      for (const { timer } of entries.values()) timer?.cancel();
    },
  };
}

function statusFrom(
  answer: ReadOcspResponse | undefined,
  { subjectText }: Certificate,
  atMs: number,
  freshForMs: number,
): RevocationStatus {
  const unknown = (detail: string): RevocationStatus => ({
    status: 'unknown',
    detail: `${subjectText}: ${detail}`,
  });
  if (answer === undefined) return unknown('no OCSP answer is there');
  const { status, thisUpdateMs, nextUpdateMs } = answer;
  if (status.status === 'revoked') {
    const date = new Date(status.atMs).toISOString();
    return { status: 'revoked', detail: `${subjectText}: revoked at ${date}, ${status.reason}` };
  }
  if (status.status === 'unknown') return unknown('its issuer does not know it');
  if (!(atMs <= Math.min(nextUpdateMs, thisUpdateMs + freshForMs)))
    return unknown('the OCSP answer has run out');
  return { status: 'good' };
}
