import type { Clock } from '../../clock/index.ts';
import { type EvidenceSink, type Identity, urnOf } from '../../protocol/index.ts';
import { issueDefective } from '../defects/issue-defective.ts';
import type { DefectName } from '../defects/registry.ts';
import { type AuthorityId, PROFILES, type ProfileName } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import type { Authorities } from './authorities.ts';
import { readCredential, storeCredential } from './credential-box.ts';
import {
  type CertifyRequest,
  certifyKey,
  defaultProfile,
  type IssueRequest,
  issueCredential,
} from './issue.ts';
import type { CertifiedKey, Credential } from './mint.ts';
import type { Register } from './register.ts';
import type { Revocations } from './revocations.ts';
import type { StatusAddresses } from './status-extensions.ts';
import { holderOf, type Stock } from './stock.ts';

export interface IssuingOptions {
  readonly clock: Clock;
  readonly evidence: EvidenceSink;
  readonly store: Store;
  readonly register: Register;
  readonly authorities: Authorities;
  readonly revocations: Revocations;
  /** What certificates say of where to ask about them. */
  readonly status: StatusAddresses | undefined;
  /** Credentials that were made before, for whoever has none here yet. Only where no other process has a say in the store. */
  readonly stock?: Stock | undefined;
}

/** Issues certificates by the authorities that issue now, and registers each. What its methods do stands in `Pki`. */
export class Issuing {
  readonly #options: IssuingOptions;

  /** What lies in the store, where it comes from the stock: it need not be read back. */
  readonly #stored = new Map<string, Credential>();

  constructor(options: IssuingOptions) {
    this.#options = options;
  }

  issue(request: IssueRequest): Credential {
    const { authorities, clock, status } = this.#options;
    const credential = issueCredential(authorities.site, request, clock.now(), status);
    return this.#registered(credential, this.#issuerOf(credential.identity, request.profile));
  }

  certify(request: CertifyRequest, spkiDer: Uint8Array): CertifiedKey {
    const { authorities, clock, status } = this.#options;
    const certified = certifyKey(authorities.site, request, spkiDer, clock.now(), status);
    return this.#registered(certified, this.#issuerOf(request.identity, request.profile));
  }

  issueDefective(defect: DefectName, identity: Identity): Credential {
    const { authorities, clock, register, revocations } = this.#options;
    const { credential, ours } = issueDefective(authorities.site, defect, identity, clock.now());
    if (ours) register.add(credential, this.#issuerOf(identity), clock.now(), defect);
    this.#note(credential, `defect/${defect}`);
    if (defect === 'revoked') revocations.revoke(credential.serialNumber, 'keyCompromise');
    return credential;
  }

  credentialFor(identity: Identity, profile: ProfileName = defaultProfile(identity)): Credential {
    const { store, authorities, clock, stock } = this.#options;
    const holder = holderOf(identity, profile);
    const stored = this.#stored.get(holder) ?? readCredential(store, authorities.site, identity, profile);
    if (stored !== undefined && this.#isGood(stored)) return stored;
    const credential = this.#fromStock(holder, identity, profile) ?? this.issue({ identity, profile });
    storeCredential(store, credential);
    if (stock !== undefined) {
      this.#stored.set(holder, credential);
      stock.offer(holder, credential, authorities.site, clock.now());
    }
    return credential;
  }

  /** Issued here all the same: it is registered, noted, and may be revoked as if it had been made now. */
  #fromStock(holder: string, identity: Identity, profile: ProfileName): Credential | undefined {
    const { stock, clock, register, authorities } = this.#options;
    const ready = stock?.take(holder, authorities.site, clock.now());
    // Once issued here, it is never issued again: it may have been revoked.
    if (ready === undefined || register.find(ready.serialNumber) !== undefined) return undefined;
    return this.#registered(ready, this.#issuerOf(identity, profile));
  }

  #isGood({ serialNumber, notBeforeMs, notAfterMs }: Credential): boolean {
    const { clock, register } = this.#options;
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

  #issuerOf(identity: Identity, profile: ProfileName = defaultProfile(identity)): AuthorityId {
    return this.#options.authorities.site.issuing[PROFILES[profile].issuer].id;
  }

  #registered<C extends CertifiedKey>(certified: C, issuer: AuthorityId): C {
    const { register, clock } = this.#options;
    // Registered before it is handed out: what is not registered could not be revoked.
    register.add(certified, issuer, clock.now());
    this.#note(certified, certified.profile);
    return certified;
  }

  #note({ identity, fingerprint }: CertifiedKey, object: string): void {
    this.#options.evidence({
      source: 'pki',
      event: 'certificate.issued',
      outcome: 'observed',
      visibility: 'blue',
      subject: urnOf(identity),
      certificateFingerprint: fingerprint,
      object,
    });
  }
}
