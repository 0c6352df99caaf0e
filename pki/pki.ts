import type { Clock } from '../clock/index.ts';
import {
  type CertificateJudge,
  type EvidenceSink,
  type Identity,
  PumprangeError,
  sameIdentity,
  urnOf,
} from '../protocol/index.ts';
import { readCredential, storeCredential } from './authority/credential-box.ts';
import { CrlIssuer, type IssuedCrl } from './authority/crl-issuer.ts';
import { type Credential, defaultProfile, type IssueRequest, issueCredential } from './authority/issue.ts';
import { openSite } from './authority/open-site.ts';
import { type IssuedCertificate, Register } from './authority/register.ts';
import { authoritiesOf, type Site } from './authority/site.ts';
import { type AuthorityRole, ISSUING_ROLES, type ProfileName } from './profiles.ts';
import type { CertificateStatus } from './status/ocsp-response.ts';
import { delegatedResponder } from './status/responder.ts';
import { statusAddresses } from './status/status-addresses.ts';
import { type HttpHandler, statusHandler } from './status/status-handler.ts';
import { folderStore } from './store/folder-store.ts';
import { memoryStore } from './store/memory-store.ts';
import type { Store } from './store/store.ts';
import { createJudge } from './validation/judge.ts';
import type { Outages } from './validation/outages.ts';
import { crlSource, type RevocationSource } from './validation/revocation-source.ts';
import type { KeyAlgorithm } from './x509/algorithms.ts';
import type { Certificate } from './x509/certificate.ts';
import type { RevocationReason } from './x509/extensions.ts';

/** The public key infrastructure of one site. All its times are the clock's. */
export interface Pki {
  /** Whether it was made by this call rather than found. */
  readonly created: boolean;
  readonly rootPem: string;
  /** The certificates of the issuing authorities, for whoever has to know them in advance. */
  readonly issuingPems: readonly string[];
  /** Makes a key and a certificate. The register keeps the certificate; nobody keeps the key. */
  issue(request: IssueRequest): Credential;
  /**
   * The credential that is stored for an identity, as long as it is good and at least a third of its life is left;
   * otherwise a new one, which is stored.
   */
  credentialFor(identity: Identity, profile?: ProfileName): Credential;
  /**
   * Revokes one certificate by its serial number, or all of an identity that have not expired. What is revoked
   * already stays as it is. Tells every listener before it returns.
   * @returns what was revoked by this call. PR_PKI_UNKNOWN_CERTIFICATE if there is no such certificate.
   */
  revoke(which: string | Identity, reason: RevocationReason): readonly Revocation[];
  /**
   * Takes up what another process on the same folder has revoked since, and tells every listener as `revoke` does.
   * @returns what was new.
   */
  takeUpRevocations(): readonly Revocation[];
  /** Answers for OCSP, CRLs and the certificates of the authorities over HTTP; see `serveStatus`. */
  readonly status: HttpHandler;
  /** The current CRL of every authority, the root first. */
  crls(): readonly IssuedCrl[];
  /** Everything that was issued, by time of issue. */
  list(): readonly IssuedCertificate[];
  /** @returns what ends the listening. */
  onRevoked(listener: (revocation: Revocation) => void): () => void;
  /** A judge that trusts this root alone, knows its authorities, and looks at its CRLs live if asked to. */
  judge(options: JudgeOptions): CertificateJudge;
  /** The authorities by their certificates, the root first, for whoever fetches what is known of their certificates. */
  readonly authorities: readonly AuthorityCertificate[];
}

export interface JudgeOptions {
  /** `true`: the CRLs as they are now; `false`: it does not look. */
  readonly revocation: boolean | RevocationSource;
  readonly outages?: Outages;
}

export interface AuthorityCertificate {
  readonly role: AuthorityRole;
  readonly certificate: Certificate;
}

export interface Revocation {
  readonly serialNumber: string;
  readonly fingerprint: string;
  readonly identity: Identity;
}

export interface PkiOptions {
  readonly clock: Clock;
  readonly evidence?: EvidenceSink;
  /** Of the site, in the names of its authorities, when it is made. Absent: `Pumprange`. */
  readonly name?: string;
  /** Keys of the authorities, when they are made. Absent: P-256. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /**
   * Where `status` is served, such as `http://127.0.0.1:8880`; certificates then say where to ask about them. Absent:
   * they do not. PR_GUARDRAIL if it is not on loopback.
   */
  readonly statusUrl?: string;
}

/**
 * Opens the PKI in a folder; makes one if the folder is empty or not there. Throws PR_PKI_UNREADABLE, PR_PKI_EXPIRED,
 * PR_PKI_CLOCK_SET_BACK and PR_DISK.
 */
export function openPki(options: PkiOptions & { readonly dir: string }): Pki {
  return pkiIn(folderStore(options.dir), options);
}

/** A PKI that leaves nothing behind. With another `name` it serves as a foreign one. */
export function createMemoryPki(options: PkiOptions): Pki {
  return pkiIn(memoryStore(), options);
}

/** A PKI in any store; the two above are what to call. */
export function pkiIn(store: Store, options: PkiOptions): Pki {
  const { clock, evidence = () => undefined, name = 'Pumprange', keyAlgorithm = 'p256' } = options;
  const { site, created } = openSite(store, { name, keyAlgorithm, atMs: clock.now() });
  const register = new Register(store);
  const crlIssuers = authoritiesOf(site).map(
    (authority) => new CrlIssuer(authority, register, store, clock, (crl) => crlIssued(evidence, crl)),
  );
  const status = options.statusUrl === undefined ? undefined : statusAddresses(options.statusUrl);
  const listeners = new Set<(revocation: Revocation) => void>();
  const authorities = authoritiesOf(site).map(({ certificate }) => certificate);
  const liveCrls = () => crlIssuers.map((one) => one.parsed());

  function issue(request: IssueRequest): Credential {
    const credential = issueCredential(site, request, clock.now(), status);
    // Registered before it is handed out: what is not registered could not be revoked.
    register.add(credential, clock.now());
    const { identity, profile, fingerprint } = credential;
    evidence({
      source: 'pki',
      event: 'certificate.issued',
      outcome: 'observed',
      visibility: 'blue',
      subject: urnOf(identity),
      certificateFingerprint: fingerprint,
      object: profile,
    });
    return credential;
  }

  function credentialFor(identity: Identity, profile: ProfileName = defaultProfile(identity)): Credential {
    const stored = readCredential(store, site, identity, profile);
    if (stored !== undefined && isGood(stored)) return stored;
    const credential = issue({ identity, profile });
    storeCredential(store, credential);
    return credential;
  }

  function isGood({ serialNumber, notBeforeMs, notAfterMs }: Credential): boolean {
    const nowMs = clock.now();
    const leftMs = notAfterMs - nowMs;
    const registered = register.find(serialNumber);
    return (
      nowMs >= notBeforeMs &&
      leftMs > (notAfterMs - notBeforeMs) / 3 &&
      registered !== undefined &&
      registered.revoked === null
    );
  }

  function revoke(which: string | Identity, reason: RevocationReason): readonly Revocation[] {
    const atMs = clock.now();
    return announce(toRevoke(register, which, atMs), (certificate) => {
      register.revoke(certificate, reason, atMs);
      return reason;
    });
  }

  /** One after the other to the end, so that a full disk cannot leave one revoked that nobody was told of. */
  function announce(
    certificates: readonly IssuedCertificate[],
    before: (certificate: IssuedCertificate) => string,
  ): readonly Revocation[] {
    const revocations: Revocation[] = [];
    const failures: unknown[] = [];
    for (const certificate of certificates) {
      const { serialNumber, fingerprint, identity, issuer } = certificate;
      const revocation = { serialNumber, fingerprint, identity };
      const cause = before(certificate);
      for (const one of crlIssuers) if (one.role === issuer) one.outdate();
      evidence({
        source: 'pki',
        event: 'certificate.revoked',
        outcome: 'observed',
        visibility: 'blue',
        subject: urnOf(identity),
        certificateFingerprint: fingerprint,
        control: 'certificate-revocation',
        cause,
      });
      revocations.push(revocation);
      for (const listener of [...listeners]) {
        try {
          listener(revocation);
        } catch (error) {
          failures.push(error);
        }
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'all is revoked, but not everybody was told');
    return revocations;
  }

  return {
    created,
    rootPem: site.root.certificatePem,
    issuingPems: authoritiesOf(site)
      .slice(1)
      .map(({ certificatePem }) => certificatePem),
    issue,
    credentialFor,
    revoke,
    takeUpRevocations: () =>
      announce(register.takeUpRevocations(), ({ revoked }) => revoked?.reason ?? 'unspecified'),
    status: statusHandler({
      clock,
      evidence,
      authorities: authoritiesOf(site).map((authority) => ({
        role: authority.role,
        certificate: authority.certificate,
        responder: delegatedResponder(authority, site.name),
        statusOf: (serialNumber) => statusOf(site, register, authority.role, serialNumber),
      })),
      crl: (role) => {
        const issuer = crlIssuers.find((one) => one.role === role);
        if (issuer === undefined) throw new TypeError(`there is no authority ${role}`);
        return issuer.issued();
      },
    }),
    crls: () => crlIssuers.map((one) => one.issued()),
    list: () => register.all(),
    onRevoked: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    authorities: authoritiesOf(site).map(({ role, certificate }) => ({ role, certificate })),
    judge: ({ revocation, outages }) =>
      createJudge({
        roots: authorities.slice(0, 1),
        authorities: authorities.slice(1),
        revocation: revocation === true ? crlSource(liveCrls) : revocation || null,
        ...(outages === undefined ? {} : { outages }),
      }),
  };
}

/** What is known of a serial number, by the authority that was asked: another's certificate is `unknown` to it. */
function statusOf(
  site: Site,
  register: Register,
  role: AuthorityRole,
  serialNumber: string,
): CertificateStatus {
  if (role === 'root') {
    const isOurs = ISSUING_ROLES.some((one) => site.issuing[one].certificate.serialNumber === serialNumber);
    return { status: isOurs ? 'good' : 'unknown' };
  }
  return register.statusOf(role, serialNumber);
}

/** PR_PKI_UNKNOWN_CERTIFICATE if nothing of the kind was ever issued. */
function toRevoke(register: Register, which: string | Identity, nowMs: number): readonly IssuedCertificate[] {
  if (typeof which === 'string') {
    const certificate = register.find(which.toLowerCase());
    if (certificate === undefined) {
      throw new PumprangeError('PR_PKI_UNKNOWN_CERTIFICATE', `No certificate has the serial number ${which}`);
    }
    return certificate.revoked === null ? [certificate] : [];
  }
  const all = register.all().filter(({ identity }) => sameIdentity(identity, which));
  if (all.length === 0) {
    throw new PumprangeError('PR_PKI_UNKNOWN_CERTIFICATE', `No certificate was issued to ${urnOf(which)}`);
  }
  return all.filter(({ revoked, notAfterMs }) => revoked === null && notAfterMs >= nowMs);
}

function crlIssued(evidence: EvidenceSink, { issuer, number }: IssuedCrl): void {
  evidence({
    source: 'pki',
    event: 'crl.issued',
    outcome: 'observed',
    visibility: 'blue',
    object: `${issuer}/${number}`,
  });
}
