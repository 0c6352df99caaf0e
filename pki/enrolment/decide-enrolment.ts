import {
  type CertificateVerdict,
  type ControlId,
  type Identity,
  parseUrn,
  urnOf,
} from '../../protocol/index.ts';
import { ACCEPTED_KEYS } from '../x509/certificate.ts';
import {
  type CertificationRequest,
  parseCertificationRequest,
  provesPossession,
} from '../x509/certification-request.ts';
import { printable } from '../x509/printable.ts';

/** What is known when somebody asks for a certificate. */
export interface EnrolmentAttempt {
  /** The judgement of the client's certificate: of the manufacturer's for an enrolment, of the site's for a renewal. */
  readonly verdict: CertificateVerdict;
  /** Whether somebody revoked the last certificate of who asks. */
  readonly isBarred: boolean;
  /** 0 within the limit of requests. */
  readonly retryAfterMs: number;
  readonly contentType: string | undefined;
  /** Base64 of a PKCS #10 request [RFC 8951 §3.1]. */
  readonly body: Buffer | 'too-large';
}

export type EnrolmentRefusal =
  | 'not-authenticated'
  | 'not-a-pump'
  | 'revoked'
  | 'too-many-requests'
  | 'wrong-content-type'
  | 'too-large'
  | 'malformed'
  | 'no-possession'
  | 'weak-key'
  | 'other-name'
  | 'other-rights';

export type EnrolmentDecision =
  | { readonly granted: true; readonly identity: Identity; readonly spkiDer: Buffer }
  | {
      readonly granted: false;
      /** An HTTP status [RFC 9110 §15.5, RFC 6585 §4]. */
      readonly status: 400 | 401 | 403 | 413 | 415 | 429;
      readonly refusal: EnrolmentRefusal;
      /** `null` where it is no control that refuses: a request that cannot be read is refused in every posture. */
      readonly control: ControlId | null;
      readonly detail: string;
    };

type Denial = Extract<EnrolmentDecision, { granted: false }>;

/**
 * Who gets a certificate for what: the one place of `enrolment-policy`.
 *
 * - Who asks is who its certificate says, a pump, and within its limit of requests.
 * - The request is signed with the key that it is for [RFC 2986 §3], and the key is P-256 or RSA of 2,048 to 4,096 bits
 *   with a usual exponent.
 * - Each common name and serial number of the subject, and each URI, is the pump's own: its URN or (in the subject) its
 *   serial number. Hosts, addresses and mail are refused, a right to certify and any purpose but `clientAuth` too, and
 *   critical extensions that are not known.
 * - All else is overridden: the certificate has the site's organisation, the profile's usage and lifetime. A request that
 *   names nobody is for who asks.
 *
 * Where the control is off, who asks is who the request names: as with a CA that a shared password opens, or none.
 */
export function decideEnrolment(
  attempt: EnrolmentAttempt,
  controls: ReadonlySet<ControlId>,
): EnrolmentDecision {
  const guarded = controls.has('enrolment-policy');
  const unwelcome = guarded ? refuseWho(attempt, controls) : undefined;
  if (unwelcome !== undefined) return unwelcome;
  const request = readRequest(attempt);
  if ('granted' in request) return request;
  const { verdict } = attempt;
  const identity = guarded && verdict.accepted ? verdict.identity : namedPump(request, verdict);
  if (identity === undefined) return denial(400, 'other-name', 'the request names no pump', null);
  const refused = guarded ? (refuseKey(request) ?? refuseContent(request, identity)) : undefined;
  return refused ?? { granted: true, identity, spkiDer: request.spkiDer };
}

function denial(
  status: Denial['status'],
  refusal: EnrolmentRefusal,
  detail: string,
  control: ControlId | null = 'enrolment-policy',
): Denial {
  return { granted: false, status, refusal, control, detail };
}

function refuseWho(attempt: EnrolmentAttempt, controls: ReadonlySet<ControlId>): Denial | undefined {
  const { verdict, isBarred, retryAfterMs } = attempt;
  if (!verdict.accepted) {
    // Who was revoked is refused by that control; everything else about the certificate is this one's.
    const control = verdict.control === 'certificate-revocation' ? verdict.control : 'enrolment-policy';
    return denial(401, 'not-authenticated', `${verdict.refusal}: ${verdict.detail}`, control);
  }
  if (verdict.identity.kind !== 'pump') {
    return denial(403, 'not-a-pump', `${urnOf(verdict.identity)} does not enrol here`);
  }
  if (retryAfterMs > 0) return denial(429, 'too-many-requests', 'too many requests');
  if (isBarred && controls.has('certificate-revocation')) {
    return denial(403, 'revoked', 'its last certificate was revoked', 'certificate-revocation');
  }
  return undefined;
}

/** `application/pkcs10` [RFC 7030 §4.2.1]; what is said of its encoding is not looked at, it is base64 [RFC 8951 §3.1]. */
const PKCS10 = /^application\/pkcs10\s*(?:;|$)/i;
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

function readRequest({ contentType, body }: EnrolmentAttempt): CertificationRequest | Denial {
  if (contentType === undefined || !PKCS10.test(contentType)) {
    return denial(415, 'wrong-content-type', 'the content is not application/pkcs10', null);
  }
  if (body === 'too-large') return denial(413, 'too-large', 'the request is too large', null);
  const text = body.toString('latin1');
  if (!BASE64.test(text)) return denial(400, 'malformed', 'the content is not base64', null);
  try {
    return parseCertificationRequest(Buffer.from(text, 'base64'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return denial(400, 'malformed', `no certification request: ${why}`.slice(0, 200), null);
  }
}

function refuseKey(request: CertificationRequest): Denial | undefined {
  if (request.keyStrength === 'unaccepted') {
    return denial(400, 'weak-key', `the key is neither ${ACCEPTED_KEYS}`);
  }
  if (!provesPossession(request)) {
    return denial(400, 'no-possession', 'the request is not signed with the key that it is for');
  }
  return undefined;
}

function refuseContent(request: CertificationRequest, identity: Identity): Denial | undefined {
  const urn = urnOf(identity);
  const foreign =
    request.subjectNames.find((name) => name !== urn && name !== identity.id) ??
    request.uris.find((uri) => uri !== urn);
  if (foreign !== undefined) {
    return denial(
      403,
      'other-name',
      `${JSON.stringify(printable(foreign).slice(0, 100))} is not the name of ${urn}`,
    );
  }
  if (request.hasOtherNames) return denial(403, 'other-name', 'a pump has no host names, addresses or mail');
  if (request.wantsAuthority) return denial(403, 'other-rights', 'a pump certifies nobody');
  const purpose = request.purposes.find((name) => name !== 'clientAuth');
  if (purpose !== undefined) return denial(403, 'other-rights', `a pump gets no certificate for ${purpose}`);
  if (request.unknownCritical !== undefined) {
    return denial(403, 'other-rights', `the critical extension ${request.unknownCritical} is not known here`);
  }
  return undefined;
}

/** Whom a request names, taken at its word; failing that, who presented a certificate. */
function namedPump(
  { uris, subjectNames }: CertificationRequest,
  verdict: CertificateVerdict,
): Identity | undefined {
  const named = [...uris, ...subjectNames].map(parseUrn).find((one) => one?.kind === 'pump');
  return named ?? (verdict.accepted && verdict.identity.kind === 'pump' ? verdict.identity : undefined);
}
