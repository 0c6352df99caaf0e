import type { Clock } from '../../clock/index.ts';
import { PumprangeError } from '../../protocol/index.ts';
import { type AuthorityId, CRL_LIFETIME_MS } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import { buildCrl } from '../x509/build-crl.ts';
import { type Crl, parseCrl } from '../x509/crl.ts';
import { pemBlocks, pemOf } from '../x509/pem.ts';
import { isSignedBy } from '../x509/signed.ts';
import type { Authority } from './authority.ts';
import type { Register } from './register.ts';

export interface IssuedCrl {
  readonly issuer: AuthorityId;
  readonly pem: string;
  readonly der: Buffer;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  /** Counts up with each list of an authority; no two lists have one, whichever process issued them. */
  readonly number: number;
}

/**
 * Issues the CRL of one authority whenever it is asked for and the last one is no longer good. Entries stay after the
 * certificates expire [RFC 5280 §3.3 asks for one more list only]; a testbed has few.
 */
export class CrlIssuer {
  readonly #authority: Authority;
  readonly #register: Register;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #onIssued: (crl: IssuedCrl) => void;
  #parsed: Crl | undefined;
  #issued: IssuedCrl | undefined;
  #storedNumber: number | undefined;
  #claimedNumber: number | undefined;
  #outdated: boolean;

  constructor(
    authority: Authority,
    register: Register,
    store: Store,
    clock: Clock,
    onIssued: (crl: IssuedCrl) => void,
  ) {
    this.#authority = authority;
    this.#register = register;
    this.#store = store;
    this.#clock = clock;
    this.#onIssued = onIssued;
    this.#parsed = this.#readLast();
    this.#storedNumber = this.#parsed?.number;
    const { revoked } = this.#parsed ?? {};
    // A process that died between a revocation and the list that tells of it.
    this.#outdated = register.revokedBy(authority.id).some((one) => revoked?.has(one.serialNumber) !== true);
  }

  get id(): AuthorityId {
    return this.#authority.id;
  }

  /** The next list is a new one. */
  outdate(): void {
    this.#outdated = true;
  }

  /** The current list, for a judge in this process: nothing is written, so a full disk refuses nobody. */
  parsed(): Crl {
    const nowMs = this.#clock.now();
    const last = this.#parsed;
    const good =
      last !== undefined &&
      !this.#outdated &&
      nowMs < last.thisUpdateMs + CRL_LIFETIME_MS / 2 &&
      // Issued by a process whose clock was ahead: others would find it not yet valid.
      last.thisUpdateMs <= nowMs;
    return good ? last : this.#issue(nowMs, (last?.number ?? 0) + 1);
  }

  /** The current list, to be handed out; it is stored first, under a number that is its own. */
  issued(): IssuedCrl {
    const current = this.parsed();
    if (this.#issued?.der === current.der) return this.#issued;
    const isStored = this.#storedNumber === current.number;
    const { der, thisUpdateMs, nextUpdateMs, number } = isStored ? current : this.#numbered(current);
    const pem = pemOf('X509 CRL', der);
    if (!isStored) this.#store.write(this.#name(), pem, false);
    const issued = { issuer: this.#authority.id, pem, der, thisUpdateMs, nextUpdateMs, number };
    this.#issued = issued;
    this.#storedNumber = number;
    if (!isStored) this.#onIssued(issued);
    return issued;
  }

  /**
   * A list that was only for judges here gets its number for good. Another process may have taken that one, or issued
   * others since: then it is made again with the next, and with what they revoked.
   */
  #numbered(crl: Crl): Crl {
    if (this.#claimedNumber === crl.number) return crl; // and then the disk was full
    let number = Math.max(crl.number, (this.#readLast()?.number ?? 0) + 1);
    while (!this.#store.claim(`crl-numbers/${this.id}.${number}`)) number += 1;
    this.#claimedNumber = number;
    return number === crl.number ? crl : this.#issue(this.#clock.now(), number);
  }

  #issue(nowMs: number, number: number): Crl {
    const der = buildCrl(
      {
        issuer: this.#authority.name,
        issuerKeyId: this.#authority.keyId,
        thisUpdateMs: nowMs,
        nextUpdateMs: nowMs + CRL_LIFETIME_MS,
        number,
        entries: this.#register.revokedAnywhereBy(this.#authority.id),
      },
      this.#authority.privateKey,
    );
    this.#parsed = parseCrl(der);
    this.#outdated = false;
    return this.#parsed;
  }

  #readLast(): Crl | undefined {
    const text = this.#store.read(this.#name());
    if (text === undefined) return undefined;
    const where = this.#store.where(this.#name());
    let crl: Crl;
    try {
      const [der] = pemBlocks(text, 'X509 CRL');
      if (der === undefined) throw new TypeError('no CRL in it');
      crl = parseCrl(der);
    } catch (error) {
      throw new PumprangeError('PR_PKI_UNREADABLE', `${where} is damaged`, { cause: error });
    }
    if (!isSignedBy(crl.signed, this.#authority.certificate)) {
      throw new PumprangeError('PR_PKI_UNREADABLE', `${where} was not issued by this PKI`);
    }
    return crl;
  }

  #name(): string {
    return `crl/${this.#authority.id}.crl.pem`;
  }
}
