import { OCSP_LIFETIME_MS } from '../profiles.ts';
import type { Certificate } from '../x509/certificate.ts';
import { isIssuerOf } from './cert-id.ts';
import { type OcspRequest, parseOcspRequest } from './ocsp-request.ts';
import {
  buildOcspError,
  buildOcspResponse,
  type CertificateStatus,
  type OcspError,
  type Responder,
} from './ocsp-response.ts';

/** One authority, as far as answers about its certificates need it. */
export interface StatusAuthority {
  readonly certificate: Certificate;
  statusOf(serialNumber: string): CertificateStatus;
  /** Who signs for it at a time of the Clock. */
  responder(atMs: number): Responder;
}

export interface OcspContext {
  readonly authorities: readonly StatusAuthority[];
  readonly nowMs: number;
  /** More was asked than is signed at a time: whoever asks again later is answered. */
  readonly isBusy: () => boolean;
}

export interface OcspReply {
  readonly der: Buffer;
  /** What became of it, for the evidence: an error, or `successful`. */
  readonly result: OcspError | 'successful';
  /** When the answer runs out; `null` for an error or one that a nonce binds to its question: not to be cached. */
  readonly cacheUntilMs: number | null;
}

/**
 * Answers an OCSP request [RFC 6960]. It never throws: bytes that are no request are `malformedRequest`, and certificates
 * of an authority that is not ours are `unauthorized` [RFC 5019 §2.2.3]. So are those of two authorities in one request:
 * no one responder may speak for both.
 */
export function answerOcsp(bytes: Uint8Array, context: OcspContext): OcspReply {
  let request: OcspRequest;
  try {
    request = parseOcspRequest(bytes);
  } catch {
    return failed('malformedRequest');
  }
  try {
    return answer(request, context);
  } catch {
    return failed('internalError');
  }
}

function answer({ certIds, nonce }: OcspRequest, { authorities, nowMs, isBusy }: OcspContext): OcspReply {
  const authority = authorities.find(({ certificate }) =>
    certIds.every((certId) => isIssuerOf(certificate, certId)),
  );
  if (authority === undefined) return failed('unauthorized');
  if (isBusy()) return failed('tryLater');
  const nextUpdateMs = nowMs + OCSP_LIFETIME_MS;
  const der = buildOcspResponse({
    responder: authority.responder(nowMs),
    producedAtMs: nowMs,
    nextUpdateMs,
    singles: certIds.map(({ asn1, serialNumber }) => ({
      certId: asn1,
      status: authority.statusOf(serialNumber),
    })),
    nonce,
  });
  return { der, result: 'successful', cacheUntilMs: nonce === undefined ? nextUpdateMs : null };
}

function failed(error: OcspError): OcspReply {
  return { der: buildOcspError(error), result: error, cacheUntilMs: null };
}
