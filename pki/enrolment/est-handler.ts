import type { Clock } from '../../clock/index.ts';
import {
  type CertificateJudge,
  type CertificateVerdict,
  type ControlId,
  type EvidenceSink,
  type Identity,
  PumprangeError,
  urnOf,
} from '../../protocol/index.ts';
import { EvidenceThrottle } from '../service/evidence-throttle.ts';
import {
  plainAnswer,
  type RequestHandler,
  type ServiceRequest,
  type ServiceResponse,
} from '../service/handler.ts';
import { buildCertsOnly } from '../x509/certs-only.ts';
import { encode, oid, sequence, set } from '../x509/der.ts';
import { decideEnrolment, type EnrolmentDecision } from './decide-enrolment.ts';
import { RequestLimit, type RequestRate } from './request-limit.ts';

/** The certificate authority as the EST server needs it. */
export interface EnrolmentAuthority {
  /** Judges birth certificates, by the manufacturer's root. */
  readonly birthJudge: CertificateJudge;
  /** Judges certificates of the site. */
  readonly siteJudge: CertificateJudge;
  /** The root and the authorities under it, DER. */
  caCertificates(): readonly Uint8Array[];
  /** Whether the last certificate of an identity was revoked. */
  isBarred(identity: Identity): boolean;
  /** @returns the certificate, DER. Throws PumprangeError where the authority cannot issue. */
  certify(identity: Identity, spkiDer: Uint8Array): Uint8Array;
}

export interface EstOptions {
  readonly clock: Clock;
  readonly controls: ReadonlySet<ControlId>;
  readonly evidence: EvidenceSink;
  readonly authority: EnrolmentAuthority;
  /** Of one identity. Absent: 12 an hour, far more than a pump needs that finds the CA down. */
  readonly rate?: RequestRate;
}

const RATE: RequestRate = { requests: 12, perMs: 3_600_000 };
/** When to ask again if the authority cannot issue. */
const UNAVAILABLE_S = 60;

/** The path, with or without the label of a CA [RFC 7030 §3.2.2]; there is one CA, which has both names. */
const PATH = /^\/\.well-known\/est(?:\/devices)?\/([a-z]+)$/;

const METHODS = {
  cacerts: 'GET',
  csrattrs: 'GET',
  simpleenroll: 'POST',
  simplereenroll: 'POST',
} as const;
type Operation = keyof typeof METHODS;

/**
 * Enrolment over Secure Transport [RFC 7030]: the operations that are mandatory, and `/csrattrs`. What a client must prove is
 * decided by `decideEnrolment`; `/cacerts` and `/csrattrs` are for anybody [RFC 7030 §4.1.1].
 *
 * Not there: linking of identity and possession by the channel [RFC 7030 §3.5], which TLS 1.3 has no `tls-unique` for; HTTP
 * passwords; `/fullcmc`; `/serverkeygen`, since keys stay in the pump.
 */
export function estHandler(options: EstOptions): RequestHandler {
  const limit = new RequestLimit(options.clock, options.rate ?? RATE);
  const denials = new EvidenceThrottle(options.clock, options.evidence);
  return (request) => {
    if (!request.path.startsWith('/.well-known/est')) return undefined;
    const operation = operationOf(request.path);
    if (operation === undefined) return plainAnswer(404, 'there is no such operation');
    const method = METHODS[operation];
    const isRead = method === 'GET' && request.method === 'HEAD';
    if (request.method !== method && !isRead) {
      return plainAnswer(405, `${operation} is asked with ${method}`, { Allow: method });
    }
    switch (operation) {
      case 'cacerts':
        return certificates(options.authority.caCertificates());
      case 'csrattrs':
        return base64Answer('application/csrattrs', CSR_ATTRIBUTES);
      case 'simpleenroll':
      case 'simplereenroll':
        return enrol(operation, request, options, limit, denials);
    }
  };
}

function operationOf(path: string): Operation | undefined {
  const name = PATH.exec(path)?.[1];
  return name !== undefined && Object.hasOwn(METHODS, name) ? (name as Operation) : undefined;
}

function enrol(
  operation: 'simpleenroll' | 'simplereenroll',
  request: ServiceRequest,
  options: EstOptions,
  limit: RequestLimit,
  denials: EvidenceThrottle,
): ServiceResponse {
  const { clock, controls, evidence, authority } = options;
  const judge = operation === 'simpleenroll' ? authority.birthJudge : authority.siteJudge;
  const verdict = judge(request.chainDer, 'tls-client', clock.now());
  const guarded = controls.has('enrolment-policy');
  const retryAfterMs = guarded && verdict.accepted ? limit.take(urnOf(verdict.identity)) : 0;
  const decision = decideEnrolment(
    {
      verdict,
      isBarred: verdict.accepted && authority.isBarred(verdict.identity),
      retryAfterMs,
      contentType: request.contentType,
      body: request.body,
    },
    controls,
  );
  const about = {
    source: 'pki',
    visibility: 'blue',
    address: request.address,
    object: operation,
    certificateFingerprint: verdict.fingerprint ?? null,
  } as const;
  if (!decision.granted) {
    const subject = subjectOf(verdict);
    const why = verdict.accepted ? decision.refusal : `${decision.refusal}/${verdict.refusal}`;
    denials.tell(`${request.address}|${subject}|${why}`, {
      ...about,
      event: 'enrolment.denied',
      outcome: 'denied',
      subject,
      control: decision.control,
      cause: `${decision.refusal}: ${decision.detail}`,
    });
    return denied(decision, retryAfterMs);
  }
  const subject = urnOf(decision.identity);
  let certificate: Uint8Array;
  try {
    certificate = authority.certify(decision.identity, decision.spkiDer);
  } catch (error) {
    const cause = error instanceof PumprangeError ? `${error.code}: ${error.message}` : String(error);
    evidence({ ...about, event: 'enrolment.failed', outcome: 'observed', subject, cause });
    return plainAnswer(503, 'the authority cannot issue now', { 'Retry-After': String(UNAVAILABLE_S) });
  }
  evidence({
    ...about,
    event: 'enrolment.granted',
    outcome: 'allowed',
    subject,
    control: guarded ? 'enrolment-policy' : null,
  });
  // The certificate alone: the authorities are had from /cacerts [RFC 7030 §4.2.3].
  return certificates([certificate]);
}

function subjectOf(verdict: CertificateVerdict): string | null {
  return verdict.accepted ? urnOf(verdict.identity) : null;
}

function denied(
  { status, refusal, detail }: Extract<EnrolmentDecision, { granted: false }>,
  retryAfterMs: number,
): ServiceResponse {
  const text = `${refusal}: ${detail}`;
  if (status === 429) {
    return plainAnswer(status, text, { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) });
  }
  // A challenge is due [RFC 9110 §15.5.2]; no scheme is registered for a certificate in TLS, so the name is ours.
  if (status === 401) return plainAnswer(status, text, { 'WWW-Authenticate': 'TLS-Client-Certificate' });
  return plainAnswer(status, text);
}

/** [RFC 7030 §4.1.3, §4.2.3] */
function certificates(certificatesDer: readonly Uint8Array[]): ServiceResponse {
  return base64Answer('application/pkcs7-mime; smime-type=certs-only', buildCertsOnly(certificatesDer));
}

function base64Answer(contentType: string, der: Uint8Array): ServiceResponse {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\r\n');
  return {
    status: 200,
    headers: { 'Content-Type': contentType, 'Content-Transfer-Encoding': 'base64' },
    body: `${lines}\r\n`,
  };
}

/** What a request should have: a P-256 key and a signature with SHA-256 [RFC 7030 §4.5.2]. */
const CSR_ATTRIBUTES = encode(
  sequence(sequence(oid('ecPublicKey'), set(oid('prime256v1'))), oid('ecdsaWithSha256')),
);
