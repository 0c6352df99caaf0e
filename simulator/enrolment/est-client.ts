import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import type { Clock, Settling } from '../../clock/index.ts';
import {
  type CertificateJudge,
  type ControlId,
  DialRefusedError,
  type Identity,
  sameIdentity,
  urnOf,
} from '../../protocol/index.ts';
import { type ClientCredential, type Endpoint, openSocket } from '../transport/index.ts';
import { exchange, type HttpAnswer, type HttpRequest } from './http-exchange.ts';

/** The encodings of a PKI, which whoever wires the pump brings: one implementation of them is enough in the house. */
export interface EnrolmentCodec {
  /** PKCS #10, DER: signed with the key that it is for. */
  request(urn: string, keys: { readonly privateKey: KeyObject; readonly spkiDer: Buffer }): Buffer;
  /** The certificates, DER, in a certs-only message. Throws on anything else. */
  certificates(certsOnlyDer: Buffer): readonly Buffer[];
  /** A judge that trusts these roots alone and knows these authorities. */
  judge(rootsDer: readonly Buffer[], authoritiesDer: readonly Buffer[]): CertificateJudge;
}

/** A certificate of the site, with the key that the pump made for it. */
export interface SiteCertificate extends ClientCredential {
  readonly fingerprint: string;
  /** SHA-256 of the certificate of its authority, lower-case hexadecimal. */
  readonly authority: string;
  /** By the pump's own clock. Its lifetime counts from here: certificates are backdated. */
  readonly obtainedAtMs: number;
  readonly notAfterMs: number;
}

export type EnrolmentOperation = 'simpleenroll' | 'simplereenroll';

/** Why there is no certificate now. */
export class EnrolmentError extends Error {
  override readonly name = 'EnrolmentError';

  constructor(
    reason: string,
    /** Our own control, where it was the pump that refused. */
    readonly control: ControlId | null = null,
    /** What the server answered; 0 if it did not. */
    readonly status: number = 0,
    readonly retryAfterMs: number = 0,
  ) {
    super(reason);
  }
}

export interface EstClientOptions {
  /** The pump's own: certificates are judged by it. */
  readonly clock: Clock;
  readonly settling: Settling;
  readonly identity: Identity;
  readonly controls: ReadonlySet<ControlId>;
  readonly codec: EnrolmentCodec;
  /** Where the EST server is now. */
  readonly endpoint: () => Endpoint;
  /** Loopback address to speak from. */
  readonly localAddress?: string | undefined;
  /**
   * SHA-256 of the site's root, lower-case hexadecimal, as biomedical engineering gives it to the pump when it is
   * commissioned. Absent: the root that answers first is trusted, and whoever is on the wire then has the pump.
   */
  readonly rootFingerprint?: string;
}

/**
 * A pump's side of EST [RFC 7030]. It begins with the manufacturer's trust alone and learns the site's root from `/cacerts`,
 * over a connection that it cannot judge yet [RFC 7030 §4.1.1]; everything after that goes to a server of that root.
 */
export class EstClient {
  readonly #options: EstClientOptions;
  #roots: readonly Buffer[] = [];
  #authorities: readonly Buffer[] = [];

  constructor(options: EstClientOptions) {
    this.#options = options;
  }

  /**
   * Makes a key and gets a certificate for it.
   * @param shown birth certificate for `simpleenroll`, the one of the site for `simplereenroll`
   * @throws EnrolmentError
   */
  async enrol(operation: EnrolmentOperation, shown: ClientCredential): Promise<SiteCertificate> {
    const { codec, identity } = this.#options;
    try {
      await this.#learnAuthorities();
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const spkiDer = publicKey.export({ format: 'der', type: 'spki' });
      const answer = await this.#ask(
        {
          method: 'POST',
          path: `/.well-known/est/${operation}`,
          contentType: 'application/pkcs10',
          body: codec.request(urnOf(identity), { privateKey, spkiDer }).toString('base64'),
        },
        shown,
      );
      return this.#accept(answer, privateKey);
    } catch (error) {
      if (error instanceof EnrolmentError) throw error;
      if (error instanceof DialRefusedError) throw new EnrolmentError(inWords(error), error.control);
      throw new EnrolmentError(`what came is not usable: ${String(error)}`);
    }
  }

  /** Each time anew: authorities come and go. A root that is new is taken from a server of the old one only. */
  async #learnAuthorities(): Promise<void> {
    const { codec, rootFingerprint } = this.#options;
    const answer = await this.#ask({ method: 'GET', path: '/.well-known/est/cacerts' });
    const all = codec.certificates(Buffer.from(answer.body, 'base64'));
    const selfSigned = all.filter(isSelfSigned);
    const first = this.#roots.length === 0;
    const roots = first
      ? selfSigned.filter((der) => rootFingerprint === undefined || fingerprintOf(der) === rootFingerprint)
      : selfSigned;
    if (roots.length === 0) {
      throw new EnrolmentError('the server has not the root that the pump was given', 'server-identity');
    }
    this.#roots = roots;
    this.#authorities = all.filter((der) => !isSelfSigned(der));
  }

  async #ask(request: HttpRequest, credential?: ClientCredential): Promise<HttpAnswer> {
    const { clock, settling, controls, endpoint, localAddress } = this.#options;
    const socket = await openSocket({
      clock,
      settling,
      endpoint: endpoint(),
      credential,
      controls,
      localAddress,
      server: 'est-server',
      judge: this.#roots.length === 0 ? undefined : this.#judge(),
    });
    const answer = await exchange(socket, clock, settling, request);
    if (answer.status === 200) return answer;
    const said = answer.body.trim().slice(0, 200);
    throw new EnrolmentError(`${answer.status}: ${said}`, null, answer.status, answer.retryAfterMs);
  }

  #judge(): CertificateJudge {
    return this.#options.codec.judge(this.#roots, this.#authorities);
  }

  /** Whatever a server sends, the pump takes only what it asked for: its name, its key, valid by its own clock. */
  #accept({ body }: HttpAnswer, privateKey: KeyObject): SiteCertificate {
    const { codec, clock, identity } = this.#options;
    const [leafDer] = codec.certificates(Buffer.from(body, 'base64'));
    if (leafDer === undefined) throw new EnrolmentError('the answer has no certificate');
    const verdict = this.#judge()([leafDer], 'tls-client', clock.now());
    if (!verdict.accepted) throw new EnrolmentError(`the new certificate is not good: ${verdict.detail}`);
    const leaf = new X509Certificate(leafDer);
    if (!sameIdentity(verdict.identity, identity) || !leaf.checkPrivateKey(privateKey)) {
      throw new EnrolmentError('the new certificate is for another name or another key');
    }
    const issuers = this.#authorities
      .map((der) => new X509Certificate(der))
      .filter((one) => leaf.checkIssued(one));
    const [issuer] = issuers;
    if (issuer === undefined) throw new EnrolmentError('the new certificate is of an unknown authority');
    return {
      chainPem: [leaf, ...issuers].map(String).join(''),
      privateKeyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
      fingerprint: verdict.fingerprint,
      authority: fingerprintOf(issuer.raw),
      obtainedAtMs: clock.now(),
      notAfterMs: verdict.notAfterMs,
    };
  }
}

/** Without the port, which differs from run to run. */
function inWords({ reason, cause }: DialRefusedError): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  if (code !== undefined) return `the EST server cannot be reached: ${code}`;
  return reason;
}

function isSelfSigned(der: Buffer): boolean {
  const certificate = new X509Certificate(der);
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}

function fingerprintOf(der: Buffer): string {
  return new X509Certificate(der).fingerprint256.replaceAll(':', '').toLowerCase();
}
