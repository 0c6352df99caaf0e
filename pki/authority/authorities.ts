import type { Clock } from '../../clock/index.ts';
import { PumprangeError } from '../../protocol/index.ts';
import type { AuthorityId, IssuingRole } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import type { Trust } from '../validation/judge.ts';
import type { Outages } from '../validation/outages.ts';
import { crlSource, type RevocationSource } from '../validation/revocation-source.ts';
import type { KeyAlgorithm } from '../x509/algorithms.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { Crl } from '../x509/crl.ts';
import type { RevocationReason } from '../x509/extensions.ts';
import type { Authority } from './authority.ts';
import { CrlIssuer, type IssuedCrl } from './crl-issuer.ts';
import type { Register } from './register.ts';
import { addGeneration, authoritiesOf, countGenerations, loadSite, type Site } from './site.ts';

export interface AuthoritiesOptions {
  readonly store: Store;
  readonly register: Register;
  readonly clock: Clock;
  /** Told of each CRL that is issued anew. */
  readonly onCrl: (crl: IssuedCrl) => void;
}

/**
 * The authorities of a site as they are now: those that issue, and beside each those of before a rollover that are still
 * trusted. The lists change under a judge that holds them, so that a rollover needs no restart.
 */
export class Authorities {
  readonly #store: Store;
  readonly #register: Register;
  readonly #clock: Clock;
  readonly #onCrl: (crl: IssuedCrl) => void;
  readonly #crlIssuers = new Map<AuthorityId, CrlIssuer>();
  #site: Site;
  #generations: number;
  #trusted: readonly Authority[] = [];
  #certificates: readonly Certificate[] = [];

  constructor(site: Site, { store, register, clock, onCrl }: AuthoritiesOptions) {
    this.#site = site;
    this.#store = store;
    this.#register = register;
    this.#clock = clock;
    this.#onCrl = onCrl;
    this.#generations = countGenerations(store);
    this.#refresh();
  }

  get site(): Site {
    return this.#site;
  }

  /** Those that are trusted, the root first, those of before a rollover last. */
  get trusted(): readonly Authority[] {
    return this.#trusted;
  }

  /** @param revocation `true`: the CRLs as they are now; `false`: it is not looked at. */
  trust(revocation: boolean | RevocationSource, outages?: Outages): Trust {
    const certificates = (): readonly Certificate[] => this.#certificates;
    return {
      roots: [this.#site.root.certificate],
      get authorities() {
        return certificates();
      },
      revocation: revocation === true ? crlSource(() => this.#parsedCrls()) : revocation || null,
      ...(outages === undefined ? {} : { outages }),
    };
  }

  /** All that ever issued here, the root first; also those that are retired. */
  get all(): readonly Authority[] {
    return [...authoritiesOf(this.#site), ...this.#site.earlier];
  }

  /** The current CRL of an authority; of one that is retired too, for whoever still has to do with what it issued. */
  crlOf(authority: Authority): IssuedCrl {
    return this.#crlIssuerOf(authority).issued();
  }

  /** The current CRL of every authority that is trusted, the root's first. */
  crls(): readonly IssuedCrl[] {
    return this.#trusted.map((authority) => this.crlOf(authority));
  }

  /** The next CRL of that authority is a new one. */
  outdate(id: AuthorityId): void {
    this.#crlIssuers.get(id)?.outdate();
  }

  /** Makes the next authority of a role; it issues from now on, and the one before stays trusted. */
  rollOver(role: IssuingRole, keyAlgorithm: KeyAlgorithm): Authority {
    this.#site = addGeneration(this.#store, role, this.#clock.now(), keyAlgorithm);
    this.#generations = countGenerations(this.#store);
    this.#refresh();
    return this.#site.issuing[role];
  }

  /** @throws PumprangeError PR_PKI_AUTHORITY unless there is a later one in its place, and it is trusted still. */
  toRetire(id: string): Authority {
    const found = this.#trusted.find((one) => one.id === id);
    if (found !== undefined && this.#site.earlier.includes(found)) return found;
    const earlier = this.#trusted.filter((one) => this.#site.earlier.includes(one)).map((one) => one.id);
    const there = earlier.length === 0 ? 'there is none to retire' : `there is ${earlier.join(', ')}`;
    throw new PumprangeError(
      'PR_PKI_AUTHORITY',
      found === undefined
        ? `"${id}" is no earlier authority; ${there}`
        : `"${id}" is the one that issues; ${there}`,
    );
  }

  /** The root revokes it; its certificates are worth nothing then. */
  retire({ certificate }: Authority, reason: RevocationReason): void {
    const { serialNumber } = certificate;
    this.#register.revoke({ serialNumber, issuer: 'root' }, reason, this.#clock.now());
    this.outdate('root');
    this.#refresh();
  }

  /** After another process on the same store has added or retired one. */
  takeUp(retired: boolean): void {
    const generations = countGenerations(this.#store);
    if (generations !== this.#generations) {
      this.#site = loadSite(this.#store);
      this.#generations = generations;
    } else if (!retired) return;
    if (retired) this.outdate('root');
    this.#refresh();
  }

  #parsedCrls(): readonly Crl[] {
    return this.#trusted.map((authority) => this.#crlIssuerOf(authority).parsed());
  }

  #refresh(): void {
    const retired = new Set(this.#register.revokedBy('root').map(({ serialNumber }) => serialNumber));
    this.#trusted = this.all.filter(({ certificate }) => !retired.has(certificate.serialNumber));
    this.#certificates = this.#trusted.slice(1).map(({ certificate }) => certificate);
    // A list that is damaged is found at once, not when somebody is judged by it.
    for (const authority of this.#trusted) this.#crlIssuerOf(authority);
  }

  #crlIssuerOf(authority: Authority): CrlIssuer {
    const found = this.#crlIssuers.get(authority.id);
    if (found !== undefined) return found;
    const issuer = new CrlIssuer(authority, this.#register, this.#store, this.#clock, this.#onCrl);
    this.#crlIssuers.set(authority.id, issuer);
    return issuer;
  }
}
