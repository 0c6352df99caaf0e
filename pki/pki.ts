import type { Clock } from '../clock/index.ts';
import type { CertificateJudge, EvidenceSink, Identity } from '../protocol/index.ts';
import type { IssuedCrl } from './authority/crl-issuer.ts';
import type { CertifyRequest, IssueRequest } from './authority/issue.ts';
import type { Manufacturer } from './authority/manufacturer.ts';
import type { Migration } from './authority/migration.ts';
import type { CertifiedKey, Credential } from './authority/mint.ts';
import type { IssuedCertificate } from './authority/register.ts';
import type { Revocation } from './authority/revocations.ts';
import type { DefectName } from './defects/registry.ts';
import type { Inspection } from './inspect/inspect.ts';
import type { AuthorityId, IssuingRole, ProfileName } from './profiles.ts';
import type { RequestHandler } from './service/handler.ts';
import type { Outages } from './validation/outages.ts';
import type { RevocationSource } from './validation/revocation-source.ts';
import type { KeyAlgorithm } from './x509/algorithms.ts';
import type { Certificate } from './x509/certificate.ts';
import type { RevocationReason } from './x509/extensions.ts';

/** The public key infrastructure of one site. All its times are the clock's. */
export interface Pki {
  /** Whether it was made by this call rather than found. */
  readonly created: boolean;
  readonly rootPem: string;
  /** The certificates of the issuing authorities that are trusted now, for whoever has to know them in advance. */
  readonly issuingPems: readonly string[];
  /** The works where the pumps come from: an authority apart, made when it is first asked for. */
  readonly manufacturer: Manufacturer;
  /** Makes a key and a certificate. The register keeps the certificate; nobody keeps the key. */
  issue(request: IssueRequest): Credential;
  /**
   * Makes a certificate that is bad on purpose, see `DEFECTS`, for rehearsals and conformance tests. It is registered if
   * an authority of ours signed it. Its chain leads to whoever issued it; its root is ours, so that its holder reaches us.
   */
  issueDefective(defect: DefectName, identity: Identity): Credential;
  /**
   * Certifies a public key (SubjectPublicKeyInfo, DER) that its holder made, and registers the certificate as `issue` does.
   * Whether the holder has the private key and may have the name is the caller's to have decided.
   */
  certify(request: CertifyRequest, spkiDer: Uint8Array): CertifiedKey;
  /**
   * Whether somebody revoked the last certificate of an identity. It may then not help itself to another: that would undo
   * the revocation. Issuing one by hand lets it in again.
   */
  isBarred(identity: Identity): boolean;
  /**
   * The credential that is stored for an identity, as long as it is good and at least a third of its life is left;
   * otherwise a new one, which is stored.
   */
  credentialFor(identity: Identity, profile?: ProfileName): Credential;
  /**
   * Revokes one certificate by its serial number, or all of an identity that have not expired; the newest where all have,
   * for whoever was revoked may not enrol again. A pump that has none yet is barred from its first. What is revoked
   * already stays as it is. Tells every listener before it returns.
   * @returns what was revoked by this call. PR_PKI_UNKNOWN_CERTIFICATE if there is no such certificate, and no pump to bar.
   */
  revoke(which: string | Identity, reason: RevocationReason): readonly Revocation[];
  /**
   * Takes up what another process on the same folder has revoked since, and tells every listener as `revoke` does.
   * @returns what was new.
   */
  takeUpRevocations(): readonly Revocation[];
  /**
   * Makes the next authority of a role. It issues from now on; the one before stays trusted until it is retired, so that
   * its holders can be given new certificates one by one.
   */
  rollOver(
    role: IssuingRole,
    keyAlgorithm?: KeyAlgorithm,
  ): { readonly id: AuthorityId; readonly pem: string };
  /**
   * Retires an authority of before a rollover: what it issued is revoked as superseded, and it itself by the root. Where
   * revocation is not looked at, a chain that is presented in full is still accepted; that is what not looking means.
   *
   * PR_PKI_AUTHORITY unless it may go: with `force` also where some of its holders have no newer certificate.
   * @returns what was revoked by this call.
   */
  retire(id: string, options?: { readonly force?: boolean }): readonly Revocation[];
  /** Moves pumps from the authority before to the one after, wave by wave. */
  readonly migration: Migration;
  /** Answers for OCSP, CRLs and the certificates of the authorities over HTTP. */
  readonly status: RequestHandler;
  /** The current CRL of every authority that is trusted, the root first. */
  crls(): readonly IssuedCrl[];
  /** Explains what somebody shows, in PEM or DER, and judges it by this PKI. Throws PR_PKI_NO_CERTIFICATE. */
  inspect(bytes: Buffer): Inspection;
  /** Everything that was issued, by time of issue. */
  list(): readonly IssuedCertificate[];
  /** @returns what ends the listening. */
  onRevoked(listener: (revocation: Revocation) => void): () => void;
  /** A judge that trusts this root alone, knows its authorities, and looks at its CRLs live if asked to. */
  judge(options: JudgeOptions): CertificateJudge;
  /** The authorities that are trusted now, the root first, for whoever fetches what is known of their certificates. */
  readonly authorities: readonly AuthorityCertificate[];
}

export interface JudgeOptions {
  /** `true`: the CRLs as they are now; `false`: it does not look. */
  readonly revocation: boolean | RevocationSource;
  readonly outages?: Outages;
}

export interface AuthorityCertificate {
  readonly id: AuthorityId;
  readonly certificate: Certificate;
}

export interface PkiOptions {
  readonly clock: Clock;
  readonly evidence?: EvidenceSink;
  /** Of the site, in the names of its authorities, when it is made. Absent: `Pumprange`. */
  readonly name?: string;
  /** Keys of the authorities, when they are made. Absent: P-256. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /** False: PR_PKI_MISSING where there is no PKI, instead of making one. */
  readonly create?: boolean;
  /**
   * Where `status` is served, such as `http://127.0.0.1:8880`; certificates then say where to ask about them. Absent:
   * they do not. PR_GUARDRAIL if it is not on loopback.
   */
  readonly statusUrl?: string;
}
