import type { Clock } from '../../clock/index.ts';
import {
  type CertificateJudge,
  type EvidenceSink,
  type Identity,
  PumprangeError,
  urnOf,
} from '../../protocol/index.ts';
import type { InspectionBasis } from '../inspect/inspect.ts';
import { BIRTH_PROFILE } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import { createJudge, type Trust } from '../validation/judge.ts';
import type { KeyAlgorithm } from '../x509/algorithms.ts';
import { distinguishedName } from '../x509/name.ts';
import { type Authority, newIssuing, newRoot, organizationOf } from './authority.ts';
import { filesOf, loadAuthority } from './authority-files.ts';
import { checkIdentity } from './issue.ts';
import { type Credential, mint } from './mint.ts';
import { Register } from './register.ts';

/** Makes the organization `Manufacturer, TEST ONLY`. */
const NAME = 'Manufacturer,';
const FOLDER = 'authorities';

/** Printable, as the serial number in a subject has to be [RFC 5280 Appendix A.1, X520SerialNumber]. */
const PRINTABLE = /^[A-Za-z0-9.-]+$/;

/**
 * The authority of the works where the pumps come from, with a root of its own: that a pump was made there says nothing
 * about what it may do at a hospital.
 */
export interface Manufacturer {
  readonly rootPem: string;
  readonly issuingPems: readonly string[];
  /**
   * Makes a key and a birth certificate (IDevID). The register keeps the certificate; nobody keeps the key.
   * PR_PKI_NAME unless it is for a pump whose serial number is of letters, digits, dots and dashes.
   */
  issueBirth(identity: Identity, keyAlgorithm?: KeyAlgorithm): Credential;
  /** A judge that trusts the manufacturer's root alone. Manufacturers revoke no birth certificates here. */
  judge(): CertificateJudge;
  /** What an inspection goes by. */
  readonly basis: InspectionBasis;
}

export interface ManufacturerOptions {
  readonly clock: Clock;
  readonly evidence: EvidenceSink;
  /** Keys of its authorities, when they are made. */
  readonly keyAlgorithm: KeyAlgorithm;
}

export function hasManufacturer(store: Store): boolean {
  return store.top().includes(FOLDER);
}

/** Opens the manufacturer in a store of its own; makes it if the store is empty. */
export function openManufacturer(store: Store, options: ManufacturerOptions): Manufacturer {
  const { clock, evidence, keyAlgorithm } = options;
  const { root, issuing } = authorities(store, clock.now(), keyAlgorithm);
  const register = new Register(store);
  const trust: Trust = { roots: [root.certificate], authorities: [issuing.certificate], revocation: null };
  return {
    rootPem: root.certificatePem,
    issuingPems: [issuing.certificatePem],
    issueBirth: (identity, leafAlgorithm = 'p256') => {
      checkIdentity(identity, 'birth', BIRTH_PROFILE);
      if (!PRINTABLE.test(identity.id)) {
        throw new PumprangeError('PR_PKI_NAME', `"${identity.id}" cannot be the serial number of a device`);
      }
      const order = {
        identity,
        profile: 'birth',
        shape: BIRTH_PROFILE,
        subject: distinguishedName(organizationOf(NAME), urnOf(identity), identity.id),
        extraNames: [],
        lifetimeMs: undefined,
        notBeforeMs: undefined,
      } as const;
      const credential = mint(issuing, root.certificatePem, order, leafAlgorithm, clock.now());
      register.add(credential, 'manufacturer', clock.now());
      evidence({
        source: 'pki',
        event: 'certificate.issued',
        outcome: 'observed',
        visibility: 'blue',
        subject: urnOf(identity),
        certificateFingerprint: credential.fingerprint,
        object: 'birth',
      });
      return credential;
    },
    judge: () => createJudge(trust),
    basis: { by: 'manufacturer', trust, find: (serialNumber) => register.find(serialNumber) },
  };
}

function authorities(
  store: Store,
  atMs: number,
  keyAlgorithm: KeyAlgorithm,
): { readonly root: Authority; readonly issuing: Authority } {
  if (!hasManufacturer(store)) {
    const options = { siteName: NAME, atMs, keyAlgorithm };
    const root = newRoot(options, 'manufacturer-root');
    // Whoever is first wins; what is there is read below.
    store.createFolder(FOLDER, filesOf([root, newIssuing('manufacturer', root, options)]));
  }
  const root = loadAuthority(store, FOLDER, 'manufacturer-root', NAME);
  return { root, issuing: loadAuthority(store, FOLDER, 'manufacturer', NAME, { root }) };
}
