import type { EvidenceSink } from '../protocol/index.ts';
import { Authorities } from './authority/authorities.ts';
import type { IssuedCrl } from './authority/crl-issuer.ts';
import { Issuing } from './authority/issuing.ts';
import { hasManufacturer, type Manufacturer, openManufacturer } from './authority/manufacturer.ts';
import { Migration } from './authority/migration.ts';
import { openSite } from './authority/open-site.ts';
import { Register } from './authority/register.ts';
import { Revocations } from './authority/revocations.ts';
import { retire, rollOver } from './authority/rollover.ts';
import type { Site } from './authority/site.ts';
import type { Stock } from './authority/stock.ts';
import { inspect } from './inspect/inspect.ts';
import type { Pki, PkiOptions } from './pki.ts';
import { siteStatus } from './status/site-status.ts';
import { statusAddresses } from './status/status-addresses.ts';
import { folderStore } from './store/folder-store.ts';
import { memoryStore } from './store/memory-store.ts';
import type { Store } from './store/store.ts';
import { createJudge } from './validation/judge.ts';

/** The site of the store, read already, so that it is not read again. */
export interface ReadySite {
  readonly site: Site;
  readonly created: boolean;
  readonly stock: Stock;
}

export const SITE_NAME = 'Pumprange';

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

/** A PKI in any store; the two above and `pkiTemplate` are what to call. */
export function pkiIn(store: Store, options: PkiOptions, ready?: ReadySite): Pki {
  const { clock, evidence = () => undefined, name = SITE_NAME, keyAlgorithm = 'p256' } = options;
  const { site, created } =
    ready ?? openSite(store, { name, keyAlgorithm, atMs: clock.now() }, options.create);
  const register = new Register(store);
  const onCrl = (crl: IssuedCrl): void => crlIssued(evidence, crl);
  const authorities = new Authorities(site, { store, register, clock, onCrl });
  const revocations = new Revocations({ clock, evidence, register, authorities });
  const parts = { clock, evidence, store, register, authorities, revocations };
  const status = options.statusUrl === undefined ? undefined : statusAddresses(options.statusUrl);
  const issuing = new Issuing({ ...parts, status, stock: ready?.stock });
  let manufacturer: Manufacturer | undefined;

  function theManufacturer(): Manufacturer {
    manufacturer ??= openManufacturer(store.within('manufacturer'), { clock, evidence, keyAlgorithm });
    return manufacturer;
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
    issue: (request) => issuing.issue(request),
    issueDefective: (defect, identity) => issuing.issueDefective(defect, identity),
    certify: (request, spkiDer) => issuing.certify(request, spkiDer),
    isBarred: (identity) => register.isBarred(identity),
    credentialFor: (identity, profile) => issuing.credentialFor(identity, profile),
    revoke: (which, reason) => revocations.revoke(which, reason),
    takeUpRevocations: () => revocations.takeUp(),
    rollOver: (role, algorithm = keyAlgorithm) => rollOver(parts, role, algorithm),
    retire: (id, { force = false } = {}) => retire(parts, id, force),
    migration: new Migration(parts),
    status: siteStatus({ clock, evidence, authorities, register }),
    get authorities() {
      return authorities.trusted.map(({ id, certificate }) => ({ id, certificate }));
    },
    crls: () => authorities.crls(),
    list: () => register.all(),
    onRevoked: (listener) => revocations.onRevoked(listener),
    judge: ({ revocation, outages }) => createJudge(authorities.trust(revocation, outages)),
  };
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
