import { keyIdentifierOf } from '../x509/algorithms.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { readReasonCode } from '../x509/crl.ts';
import {
  type Asn1,
  bytesOf,
  content,
  decode,
  elements,
  encode,
  isContext,
  sequenceElements,
  sequenceOf,
  TAG,
  timeMs,
} from '../x509/der.ts';
import { oidName } from '../x509/oids.ts';
import { isSignedBy, readSigned } from '../x509/signed.ts';
import { isIssuerOf } from './cert-id.ts';
import { readCertId, readNonce } from './ocsp-request.ts';
import { type CertificateStatus, OCSP_ERRORS } from './ocsp-response.ts';

/** What an answer is held to. */
export interface AskedAbout {
  readonly serialNumber: string;
  readonly issuer: Certificate;
  /** Time of the Clock. */
  readonly atMs: number;
  /** The one that was sent; absent: none was, and an answer with one is as good. */
  readonly nonce?: Uint8Array;
}

export interface ReadOcspResponse {
  readonly status: CertificateStatus;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly responderFingerprint: string;
}

/** An answer that is not believed, or that says that there is none. */
export class OcspResponseError extends Error {
  override readonly name = 'OcspResponseError';
}

/** How far the responder's clock may be ahead of ours. */
const CLOCK_SKEW_MS = 60_000;
const MAX_RESPONSE_BYTES = 65_536;

/**
 * Reads an OCSP response and holds it to what was asked [RFC 6960 §3.2]: signature, signer, certificate, times, nonce.
 * The signer is the issuer itself or a responder that it made; the revocation of such a one is not looked up, as
 * `ocsp-nocheck` says, and ours live two days.
 *
 * @throws OcspResponseError, and nothing else
 */
export function readOcspResponse(der: Uint8Array, asked: AskedAbout): ReadOcspResponse {
  try {
    return read(der, asked);
  } catch (error) {
    if (error instanceof OcspResponseError) throw error;
    throw new OcspResponseError(`not an OCSP response: ${error instanceof Error ? error.message : error}`);
  }
}

function read(der: Uint8Array, { serialNumber, issuer, atMs, nonce }: AskedAbout): ReadOcspResponse {
  if (der.byteLength > MAX_RESPONSE_BYTES) throw new OcspResponseError('the answer is too large');
  const basic = basicResponse(der);
  const [tbs, algorithm, signature, certificates] = sequenceElements(basic, 'BasicOCSPResponse');
  if (tbs === undefined || algorithm === undefined || signature === undefined) {
    throw new OcspResponseError('the answer is not signed');
  }
  // Encoded again: what was not DER changes by it, and its signature no longer holds.
  const { signed, fields } = readSigned(sequenceOf(encode(tbs), encode(algorithm), encode(signature)));
  if (isContext(fields[0], 0)) throw new OcspResponseError('not version 1');
  const [responderId, , responses, extensions] = fields;
  const signer = signerOf(responderId, certificates, issuer, atMs);
  if (!isSignedBy(signed, signer)) throw new OcspResponseError('the signature is not that of the responder');
  if (nonce !== undefined) {
    const [list] = isContext(extensions, 1) ? elements(extensions, 'responseExtensions') : [];
    const repeated = list === undefined ? undefined : readNonce(list);
    if (repeated?.equals(nonce) !== true)
      throw new OcspResponseError('the nonce is not the one that was sent');
  }
  for (const single of sequenceElements(responses, 'responses')) {
    const [certIdElement, status, thisUpdate, nextUpdate] = sequenceElements(single, 'SingleResponse');
    if (certIdElement === undefined) continue;
    const certId = readCertId(certIdElement);
    if (certId.serialNumber !== serialNumber || !isIssuerOf(issuer, certId)) continue;
    const thisUpdateMs = timeMs(thisUpdate, 'thisUpdate');
    const [end] = isContext(nextUpdate, 0) ? elements(nextUpdate, 'nextUpdate') : [];
    // Without it there is always newer information [RFC 6960 §2.4]: such an answer cannot be kept.
    const nextUpdateMs = end === undefined ? thisUpdateMs : timeMs(end, 'nextUpdate');
    if (thisUpdateMs > atMs + CLOCK_SKEW_MS) throw new OcspResponseError('the answer is of the future');
    if (!(atMs <= nextUpdateMs)) throw new OcspResponseError('the answer has run out');
    return { status: statusOf(status), thisUpdateMs, nextUpdateMs, responderFingerprint: signer.fingerprint };
  }
  throw new OcspResponseError('the answer is about another certificate');
}

function basicResponse(der: Uint8Array): Asn1 {
  const whole = decode(der);
  if (!encode(whole).equals(der)) throw new OcspResponseError('not DER');
  const [statusElement, wrapped, ...rest] = sequenceElements(whole, 'OCSPResponse');
  const status = content(statusElement, TAG.enumerated, 'responseStatus').charCodeAt(0);
  if (status !== 0) {
    const [name] = Object.entries(OCSP_ERRORS).find(([, code]) => code === status) ?? [`error ${status}`];
    throw new OcspResponseError(`the responder says ${name}`);
  }
  const [bytes] = isContext(wrapped, 0) && rest.length === 0 ? elements(wrapped, 'responseBytes') : [];
  const [type, response] = sequenceElements(bytes, 'responseBytes');
  if (oidName(content(type, TAG.oid, 'responseType')) !== 'ocspBasic') {
    throw new OcspResponseError('not a basic response');
  }
  return decode(bytesOf(content(response, TAG.octetString, 'response')));
}

/** The issuer, or whom it made a responder [RFC 6960 §4.2.2.2], at that time. */
function signerOf(
  responderId: Asn1 | undefined,
  wrapped: Asn1 | undefined,
  issuer: Certificate,
  atMs: number,
): Certificate {
  const [list] = isContext(wrapped, 0) ? elements(wrapped, 'certs') : [];
  const presented =
    list === undefined ? [] : sequenceElements(list, 'certs').map((one) => parseCertificate(encode(one)));
  const signer = [issuer, ...presented].find((one) => isNamed(responderId, one));
  if (signer === undefined) throw new OcspResponseError('the certificate of the responder is missing');
  if (signer === issuer) return signer;
  const mayAnswer =
    signer.issuer === issuer.subject &&
    isSignedBy(signer.signed, issuer) &&
    signer.extendedKeyUsage?.has('ocspSigning') === true &&
    signer.unknownCritical === undefined;
  if (!mayAnswer)
    throw new OcspResponseError(`${signer.subjectText} may not speak for ${issuer.subjectText}`);
  if (!(signer.notBeforeMs <= atMs && atMs <= signer.notAfterMs)) {
    throw new OcspResponseError('the certificate of the responder does not hold at this time');
  }
  return signer;
}

function isNamed(responderId: Asn1 | undefined, certificate: Certificate): boolean {
  const [id] = elements(responderId, 'responderID');
  if (id === undefined) return false;
  if (isContext(responderId, 1)) return encode(id).toString('hex') === certificate.subject;
  return (
    isContext(responderId, 2) &&
    bytesOf(content(id, TAG.octetString, 'byKey')).equals(keyIdentifierOf(certificate.spkiDer))
  );
}

function statusOf(element: Asn1 | undefined): CertificateStatus {
  if (isContext(element, 0)) return { status: 'good' };
  if (!isContext(element, 1)) return { status: 'unknown' };
  const [time, wrapped] = elements(element, 'RevokedInfo');
  const [code] = isContext(wrapped, 0) ? elements(wrapped, 'revocationReason') : [];
  return { status: 'revoked', atMs: timeMs(time, 'revocationTime'), reason: readReasonCode(code) };
}
