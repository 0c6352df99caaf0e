import { createHash } from 'node:crypto';
import type { Clock } from '../../clock/index.ts';
import type { EvidenceSink } from '../../protocol/index.ts';
import type { IssuedCrl } from '../authority/crl-issuer.ts';
import type { AuthorityId } from '../profiles.ts';
import { EvidenceThrottle } from '../service/evidence-throttle.ts';
import {
  plainAnswer,
  type RequestHandler,
  type ServiceRequest,
  type ServiceResponse,
} from '../service/handler.ts';
import { answerOcsp, type StatusAuthority } from './answer-ocsp.ts';
import { MAX_REQUEST_BYTES } from './ocsp-request.ts';

/** Where things are, under the address of the site. Certificates name these places. */
export const STATUS_PATHS = {
  ocsp: '/ocsp',
  crl: (id: AuthorityId) => `/crl/${id}.crl`,
  certificate: (id: AuthorityId) => `/ca/${id}.cer`,
} as const;

/** An authority of which all can be asked for. */
export interface ServedAuthority extends StatusAuthority {
  readonly id: AuthorityId;
  /** The current list. */
  crl(): IssuedCrl;
}

export interface StatusHandlerOptions {
  readonly clock: Clock;
  /** As they are when somebody asks: a rollover adds to them. */
  readonly authorities: () => readonly ServedAuthority[];
  readonly evidence: EvidenceSink;
  /** Signatures in a second of the Clock; beyond them OCSP says `tryLater`. Absent: 1,000. */
  readonly signaturesPerS?: number;
}

/** The status of certificates over HTTP: OCSP [RFC 6960, RFC 5019], CRLs and issuers' certificates [RFC 5280]. */
export function statusHandler(options: StatusHandlerOptions): RequestHandler {
  const { clock, authorities, evidence, signaturesPerS = 1_000 } = options;
  // By what became of them alone: here nothing has proved who asks, and who asks may come from any loopback address.
  const refusals = new EvidenceThrottle(clock, evidence);
  const spent = { second: 0, signatures: 0 };

  function isBusy(nowMs: number): boolean {
    const second = Math.floor(nowMs / 1_000);
    if (second !== spent.second) Object.assign(spent, { second, signatures: 0 });
    spent.signatures += 1;
    return spent.signatures > signaturesPerS;
  }

  function ocsp(bytes: Uint8Array, viaGet: boolean, address: string | null): ServiceResponse {
    const nowMs = clock.now();
    const reply = answerOcsp(bytes, { authorities: authorities(), nowMs, isBusy: () => isBusy(nowMs) });
    if (reply.result !== 'successful') {
      refusals.tell(reply.result, {
        source: 'pki',
        event: 'ocsp.refused',
        outcome: 'denied',
        visibility: 'blue',
        address,
        cause: `${reply.result}, ${bytes.byteLength} bytes`,
      });
    }
    return {
      status: 200,
      headers: {
        'content-type': 'application/ocsp-response',
        ...cacheHeaders(reply.der, nowMs, viaGet ? reply.cacheUntilMs : null),
      },
      body: reply.der,
    };
  }

  function crl(authority: ServedAuthority, ifNoneMatch: string | undefined): ServiceResponse {
    const { der, thisUpdateMs, nextUpdateMs } = authority.crl();
    const cache = {
      ...cacheHeaders(der, clock.now(), nextUpdateMs),
      'last-modified': new Date(thisUpdateMs).toUTCString(),
      // A list is issued anew on the day that somebody is revoked: always ask whether it still is the last.
      'cache-control': 'no-cache',
    };
    if (ifNoneMatch === cache.etag) return { status: 304, headers: cache, body: NOTHING };
    return { status: 200, headers: { 'content-type': 'application/pkix-crl', ...cache }, body: der };
  }

  function answer({ method, path, ifNoneMatch, body, address }: ServiceRequest): ServiceResponse | undefined {
    const isRead = method === 'GET' || method === 'HEAD';
    if (path === STATUS_PATHS.ocsp || path === `${STATUS_PATHS.ocsp}/`) {
      if (method !== 'POST') return notAllowed('POST');
      return body === 'too-large' ? plainAnswer(413, 'no request is that long') : ocsp(body, false, address);
    }
    if (path.startsWith(`${STATUS_PATHS.ocsp}/`)) {
      if (!isRead) return notAllowed('GET');
      return ocsp(fromPath(path.slice(STATUS_PATHS.ocsp.length + 1)), true, address);
    }
    for (const authority of authorities()) {
      const isCrl = path === STATUS_PATHS.crl(authority.id);
      if (!isCrl && path !== STATUS_PATHS.certificate(authority.id)) continue;
      if (!isRead) return notAllowed('GET');
      if (isCrl) return crl(authority, ifNoneMatch);
      const { der } = authority.certificate;
      return { status: 200, headers: { 'content-type': 'application/pkix-cert' }, body: der };
    }
    return undefined;
  }

  return (request) => {
    try {
      return answer(request);
    } catch (error) {
      // A full disk under the CRL, say: the process goes on, and whoever asked may ask again.
      refusals.tell('failed', {
        source: 'pki',
        event: 'status.failed',
        outcome: 'observed',
        visibility: 'blue',
        cause: error instanceof Error ? error.message : String(error),
      });
      return { status: 503, headers: { 'retry-after': '5' }, body: NOTHING };
    }
  };
}

const NOTHING = Buffer.alloc(0);

/** Base64 in a path, with or without its characters escaped [RFC 5019 §5]; empty where it is neither. */
function fromPath(text: string): Buffer {
  if (text.length > MAX_REQUEST_BYTES * 4) return NOTHING;
  try {
    return Buffer.from(decodeURIComponent(text), 'base64');
  } catch {
    return NOTHING;
  }
}

/** [RFC 5019 §6.2]. `null`: not to be kept. */
function cacheHeaders(der: Buffer, nowMs: number, untilMs: number | null) {
  const etag = `"${createHash('sha256').update(der).digest('hex').slice(0, 40)}"`;
  if (untilMs === null) return { etag, 'cache-control': 'no-store' };
  return {
    etag,
    'last-modified': new Date(nowMs).toUTCString(),
    expires: new Date(untilMs).toUTCString(),
    'cache-control': `max-age=${Math.max(0, Math.floor((untilMs - nowMs) / 1_000))}, public, no-transform, must-revalidate`,
  };
}

function notAllowed(allow: string): ServiceResponse {
  return { status: 405, headers: { allow }, body: NOTHING };
}
