import type { Clock } from '../clock/index.ts';
import {
  type CertificateJudge,
  type EvidenceSink,
  type Identity,
  PumprangeError,
  sameIdentity,
  urnOf,
} from '../protocol/index.ts';
import { Authorities } from './authority/authorities.ts';
import { readCredential, storeCredential } from './authority/credential-box.ts';
import type { IssuedCrl } from './authority/crl-issuer.ts';
import { holdersOf, stillNeeded } from './authority/holders.ts';
import {
  type CertifyRequest,
  certifyKey,
  defaultProfile,
  type IssueRequest,
  issueCredential,
} from './authority/issue.ts';
import { hasManufacturer, type Manufacturer, openManufacturer } from './authority/manufacturer.ts';
import type { CertifiedKey, Credential } from './authority/mint.ts';
import { openSite } from './authority/open-site.ts';
import { type IssuedCertificate, Register } from './authority/register.ts';
import { issueDefective as makeDefective } from './defects/issue-defective.ts';
import type { DefectName } from './defects/registry.ts';
import { type Inspection, inspect } from './inspect/inspect.ts';
import { type AuthorityId, type IssuingRole, PROFILES, type ProfileName } from './profiles.ts';
import type { RequestHandler } from './service/handler.ts';
import { siteStatus } from './status/site-status.ts';
import { statusAddresses } from './status/status-addresses.ts';
import { folderStore } from './store/folder-store.ts';
import { memoryStore } from './store/memory-store.ts';
import type { Store } from './store/store.ts';
import { createJudge } from './validation/judge.ts';
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
  /** False: PR_PKI_MISSING where there is no PKI, instead of making one. */
  readonly create?: boolean;
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
  const { site, created } = openSite(store, { name, keyAlgorithm, atMs: clock.now() }, options.create);
  const register = new Register(store);
  const onCrl = (crl: IssuedCrl): void => crlIssued(evidence, crl);
  const authorities = new Authorities(site, { store, register, clock, onCrl });
  const status = options.statusUrl === undefined ? undefined : statusAddresses(options.statusUrl);
  const listeners = new Set<(revocation: Revocation) => void>();
  let manufacturer: Manufacturer | undefined;

  function theManufacturer(): Manufacturer {
    manufacturer ??= openManufacturer(store.within('manufacturer'), { clock, evidence, keyAlgorithm });
    return manufacturer;
  }

  function issue(request: IssueRequest): Credential {
    const credential = issueCredential(authorities.site, request, clock.now(), status);
    return registered(credential, issuerOf(credential.identity, request.profile));
  }

  function issuerOf(identity: Identity, profile: ProfileName = defaultProfile(identity)): AuthorityId {
    return authorities.site.issuing[PROFILES[profile].issuer].id;
  }

  function registered<C extends CertifiedKey>(certified: C, issuer: AuthorityId): C {
    // Registered before it is handed out: what is not registered could not be revoked.
    register.add(certified, issuer, clock.now());
    noteIssued(certified, certified.profile);
    return certified;
  }

  function noteIssued({ identity, fingerprint }: CertifiedKey, object: string): void {
    evidence({
      source: 'pki',
      event: 'certificate.issued',
      outcome: 'observed',
      visibility: 'blue',
      subject: urnOf(identity),
      certificateFingerprint: fingerprint,
      object,
    });
  }

  function issueDefective(defect: DefectName, identity: Identity): Credential {
    const { credential, ours } = makeDefective(authorities.site, defect, identity, clock.now());
    if (ours) register.add(credential, issuerOf(identity), clock.now(), defect);
    noteIssued(credential, `defect/${defect}`);
    if (defect === 'revoked') revoke(credential.serialNumber, 'keyCompromise');
    return credential;
  }

  function credentialFor(identity: Identity, profile: ProfileName = defaultProfile(identity)): Credential {
    const stored = readCredential(store, authorities.site, identity, profile);
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
    if (typeof which !== 'string' && which.kind === 'pump' && !hasCertificate(register, which))
      bar(which, atMs);
    return announce(toRevoke(register, which, atMs), (certificate) => {
      register.revoke(certificate, reason, atMs);
      return reason;
    });
  }

  function bar(pump: Identity, atMs: number): void {
    if (register.isBarred(pump)) return;
    register.bar(pump, atMs);
    evidence({
      source: 'pki',
      event: 'identity.barred',
      outcome: 'observed',
      visibility: 'blue',
      subject: urnOf(pump),
      control: 'certificate-revocation',
    });
  }

  function rollOver(
    role: IssuingRole,
    algorithm: KeyAlgorithm = keyAlgorithm,
  ): { id: AuthorityId; pem: string } {
    const { id, certificatePem, certificate } = authorities.rollOver(role, algorithm);
    noteAuthority('authority.added', id, certificate.fingerprint);
    return { id, pem: certificatePem };
  }

  function retire(id: string, { force = false }: { readonly force?: boolean } = {}): readonly Revocation[] {
    const authority = authorities.toRetire(id);
    const { depending, superseded } = holdersOf(register.all(), authority.id, clock.now());
    if (depending.length > 0 && !force) throw stillNeeded(id, depending);
    const revocations = announce([...superseded, ...depending], (certificate) => {
      register.revoke(certificate, 'superseded', clock.now());
      return 'superseded';
    });
    authorities.retire(authority, 'superseded');
    noteAuthority('authority.retired', authority.id, authority.certificate.fingerprint);
    return revocations;
  }

  function noteAuthority(event: string, object: string, certificateFingerprint: string): void {
    evidence({
      source: 'pki',
      event,
      outcome: 'observed',
      visibility: 'blue',
      certificateFingerprint,
      object,
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
      authorities.outdate(issuer);
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
    get issuingPems() {
      return authorities.trusted.slice(1).map(({ certificatePem }) => certificatePem);
    },
    get manufacturer() {
      return theManufacturer();
    },
    inspect: (bytes) => {
      const find = (serialNumber: string) => register.find(serialNumber);
      const works = hasManufacturer(store.within('manufacturer')) ? [theManufacturer().basis] : [];
      return inspect(bytes, [{ by: 'site', trust: authorities.trust(true), find }, ...works], clock.now());
    },
    issue,
    issueDefective,
    certify: (request, spkiDer) =>
      registered(
        certifyKey(authorities.site, request, spkiDer, clock.now(), status),
        issuerOf(request.identity, request.profile),
      ),
    isBarred: (identity) => register.isBarred(identity),
    credentialFor,
    revoke,
    takeUpRevocations: () => {
      const { certificates, authority } = register.takeUpRevocations();
      authorities.takeUp(authority);
      return announce(certificates, ({ revoked }) => revoked?.reason ?? 'unspecified');
    },
    rollOver,
    retire,
    status: siteStatus({ clock, evidence, authorities, register }),
    get authorities() {
      return authorities.trusted.map(({ id, certificate }) => ({ id, certificate }));
    },
    crls: () => authorities.crls(),
    list: () => register.all(),
    onRevoked: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    judge: ({ revocation, outages }) => createJudge(authorities.trust(revocation, outages)),
  };
}

/** One that is bad on purpose is none: nobody enrolled with it. */
function hasCertificate(register: Register, identity: Identity): boolean {
  return register.all().some((one) => one.defect === undefined && sameIdentity(one.identity, identity));
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
    if (which.kind === 'pump') return [];
    throw new PumprangeError('PR_PKI_UNKNOWN_CERTIFICATE', `No certificate was issued to ${urnOf(which)}`);
  }
  const held = all.filter(({ notAfterMs }) => notAfterMs >= nowMs);
  const own = all.filter(({ defect }) => defect === undefined);
  const newest = own.every(({ notAfterMs }) => notAfterMs < nowMs) ? own.slice(-1) : [];
  return [...newest, ...held].filter(({ revoked }) => revoked === null);
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
