import { PumprangeError } from '../../protocol/index.ts';
import type { Store } from '../store/store.ts';
import {
  authoritiesOf,
  certificateFile,
  createSite,
  hasSite,
  loadSite,
  type NewSite,
  type Site,
} from './site.ts';

/** How far a PKI may be ahead of the clock before the clock is held to be wrong. */
const AHEAD_MS = 3_600_000;

const README = 'README.txt';
const README_TEXT = `PUMPRANGE - TEST ONLY - NOT FOR HUMAN USE

The certificates and private keys in this folder belong to a simulation. They
protect nothing real. Do not install the root anywhere, and do not use them for
real devices, networks or people.

authorities/   the root and the issuing authorities, with their keys
issued/        one record for each certificate that was issued
revoked/       one record for each that was revoked
crl/           the revocation lists, as last issued
manufacturer/  the same for the works where the pumps come from
waves/         which pumps were told to leave an authority that was rolled over
credentials/   keys and certificates of the simulated devices and people

The folder may be deleted as a whole; a new PKI is then made at the next start.
`;

/** What may lie in a folder that counts as empty: also a README that a process died over, and what systems put there. */
const HARMLESS = /^(?:README\.txt|lost\+found$|\.)/;

/**
 * Opens the site in the store, or makes one if the store is empty.
 * @param create false: PR_PKI_MISSING where there is none.
 *
 * Throws PR_PKI_UNREADABLE (something else, or only a part of a PKI, is there), PR_PKI_CLOCK_SET_BACK, PR_PKI_EXPIRED
 * and PR_DISK.
 */
export function openSite(
  store: Store,
  options: NewSite,
  create = true,
): { readonly site: Site; readonly created: boolean } {
  let created = false;
  if (!hasSite(store)) {
    if (!create) throw new PumprangeError('PR_PKI_MISSING', `There is no PKI in ${store.where('.')}`);
    refuseStrangers(store);
    store.write(README, README_TEXT, false);
    created = createSite(store, options);
  }
  const site = loadSite(store);
  checkDates(site, store, options.atMs);
  return { site, created };
}

/** Certificates without the authorities that issued them are a damaged PKI; another's files are not ours to join. */
function refuseStrangers(store: Store): void {
  const [stranger] = store.top().filter((name) => !HARMLESS.test(name));
  // Another process may have made it just now.
  if (stranger === undefined || hasSite(store)) return;
  throw new PumprangeError(
    'PR_PKI_UNREADABLE',
    `${store.where('authorities')} is missing, but the folder is not empty: ${stranger} is in it`,
  );
}

function checkDates(site: Site, store: Store, nowMs: number): void {
  if (site.madeAtMs > nowMs + AHEAD_MS) {
    throw new PumprangeError(
      'PR_PKI_CLOCK_SET_BACK',
      `The PKI at ${store.where('.')} was made at ${date(site.madeAtMs)}, and it is ${date(nowMs)} now`,
    );
  }
  for (const { id, certificate } of authoritiesOf(site)) {
    if (nowMs > certificate.notAfterMs) {
      throw new PumprangeError(
        'PR_PKI_EXPIRED',
        `${store.where(certificateFile(id))} expired at ${date(certificate.notAfterMs)}`,
      );
    }
  }
}

function date(atMs: number): string {
  return new Date(atMs).toISOString();
}
