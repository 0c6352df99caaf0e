import type { Pki } from '../pki/index.ts';
import { urnOf } from '../protocol/index.ts';
import { type ActionOf, type AttackCredential, durationMs } from '../scenarios/index.ts';

export type Shown = ActionOf<'connect'>['as'];

/** What an adversary of one rehearsal holds of keys and certificates: all of them real ones of the site's PKI, or nearly. */
export class AttackCredentials {
  readonly #pki: Pki;
  /** A thief's copy stays what it was, whatever its owner renews. */
  readonly #stolen = new Map<string, AttackCredential>();

  constructor(pki: Pki) {
    this.#pki = pki;
  }

  /** `undefined` for who shows none, and for what only the adversary itself knows where to find. */
  of(as: Shown): AttackCredential | undefined {
    switch (as.credential) {
      case 'none':
      case 'extracted-certificate':
        return undefined;
      case 'stolen-certificate':
        return this.#kept(`stolen ${urnOf(as.of)}`, () => this.#pki.credentialFor(as.of));
      case 'expiring-certificate':
        return this.#kept(`expiring ${urnOf(as.of)}`, () =>
          this.#pki.issue({ identity: as.of, lifetimeMs: durationMs(as.validFor) }),
        );
      case 'bad-certificate':
        return this.#kept(`${as.defect} ${urnOf(as.of)}`, () => this.#pki.issueDefective(as.defect, as.of));
      // Whoever commands the authority has it issue. Known limit: it registers what it issues, so a revocation of the name reaches it.
      case 'forged-certificate':
        return this.#kept(`forged ${urnOf(as.of)}`, () => this.#pki.issue({ identity: as.of }));
    }
  }

  #kept(name: string, make: () => AttackCredential): AttackCredential {
    const credential = this.#stolen.get(name) ?? make();
    this.#stolen.set(name, credential);
    return credential;
  }
}
