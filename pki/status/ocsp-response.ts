import type { KeyObject } from 'node:crypto';
import { keyIdentifierOf, signatureAlgorithmOf, signedStructure } from '../x509/algorithms.ts';
import type { Certificate } from '../x509/certificate.ts';
import {
  type Asn1,
  decode,
  encode,
  enumerated,
  explicit,
  generalizedTime,
  implicit,
  implicitSequence,
  octetString,
  oid,
  sequence,
} from '../x509/der.ts';
import { ocspNonce, REVOCATION_REASONS, type RevocationReason } from '../x509/extensions.ts';

/** How an answer ends that says nothing of a certificate; it is not signed [RFC 6960 §4.2.1]. */
export const OCSP_ERRORS = {
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  unauthorized: 6,
} as const;
export type OcspError = keyof typeof OCSP_ERRORS;

export type CertificateStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly atMs: number; readonly reason: RevocationReason }
  /** Nothing of that serial number was ever issued. */
  | { readonly status: 'unknown' };

/** Who signs answers: a certificate of the issuer for this purpose alone, and its key [RFC 6960 §4.2.2.2]. */
export interface Responder {
  readonly certificate: Certificate;
  readonly privateKey: KeyObject;
}

export interface OcspAnswer {
  readonly responder: Responder;
  readonly producedAtMs: number;
  readonly nextUpdateMs: number;
  readonly singles: readonly { readonly certId: Asn1; readonly status: CertificateStatus }[];
  readonly nonce: Buffer | undefined;
}

/** @returns the DER of an OCSPResponse with a signed BasicOCSPResponse [RFC 6960 §4.2.1]. */
export function buildOcspResponse(answer: OcspAnswer): Buffer {
  const { responder, producedAtMs, nextUpdateMs, singles, nonce } = answer;
  const { certificate, privateKey } = responder;
  const tbs = sequence(
    // byKey: the shorter of the two names of a responder [RFC 5019 §2.2.1].
    explicit(2, octetString(keyIdentifierOf(certificate.spkiDer))),
    generalizedTime(producedAtMs),
    sequence(
      ...singles.map(({ certId, status }) =>
        sequence(
          certId,
          statusElement(status),
          generalizedTime(producedAtMs),
          explicit(0, generalizedTime(nextUpdateMs)),
        ),
      ),
    ),
    nonce === undefined ? undefined : explicit(1, sequence(ocspNonce(nonce))),
  );
  const basic = signedStructure(
    tbs,
    signatureAlgorithmOf(privateKey),
    privateKey,
    explicit(0, sequence(decode(certificate.der))),
  );
  return encode(sequence(enumerated(0), explicit(0, sequence(oid('ocspBasic'), octetString(basic)))));
}

export function buildOcspError(error: OcspError): Buffer {
  return encode(sequence(enumerated(OCSP_ERRORS[error])));
}

function statusElement(status: CertificateStatus): Asn1 {
  switch (status.status) {
    case 'good':
      return implicit(0, Buffer.alloc(0));
    case 'revoked':
      return implicitSequence(
        1,
        generalizedTime(status.atMs),
        // Left out rather than given as "unspecified", as in a CRL [RFC 5280 §5.3.1].
        status.reason === 'unspecified'
          ? undefined
          : explicit(0, enumerated(REVOCATION_REASONS[status.reason])),
      );
    case 'unknown':
      return implicit(2, Buffer.alloc(0));
  }
}
