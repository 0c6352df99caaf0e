import { z } from 'zod';
import { PumprangeError } from '../../protocol/index.ts';
import { ISSUING_ROLES, type IssuingRole } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import type { KeyAlgorithm } from '../x509/algorithms.ts';
import { type Authority, newIssuing, newRoot } from './authority.ts';
import { filesOf, loadAuthority, need } from './authority-files.ts';

/** The authorities of a site: one root, and under it one authority for each sort of holder. */
export interface Site {
  readonly name: string;
  readonly madeAtMs: number;
  readonly root: Authority;
  readonly issuing: Readonly<Record<IssuingRole, Authority>>;
}

export function authoritiesOf(site: Site): readonly Authority[] {
  return [site.root, ...ISSUING_ROLES.map((role) => site.issuing[role])];
}

const FOLDER = 'authorities';

const siteSchema = z.strictObject({
  version: z.literal(1),
  name: z.string().min(1),
  madeAtMs: z.number(),
});

export interface NewSite {
  readonly name: string;
  readonly atMs: number;
  readonly keyAlgorithm: KeyAlgorithm;
}

/**
 * Makes the authorities of a site in an empty store, all files at once.
 * @returns false if they are there already; then nothing was written.
 */
export function createSite(store: Store, { name, atMs, keyAlgorithm }: NewSite): boolean {
  const options = { siteName: name, atMs, keyAlgorithm };
  const root = newRoot(options);
  const authorities = [root, ...ISSUING_ROLES.map((role) => newIssuing(role, root, options))];
  const about = { version: 1, name, madeAtMs: atMs } satisfies z.infer<typeof siteSchema>;
  const files = new Map([['site.json', `${JSON.stringify(about)}\n`], ...filesOf(authorities)]);
  return store.createFolder(FOLDER, files);
}

export function hasSite(store: Store): boolean {
  return store.top().includes(FOLDER);
}

/** Reads the authorities and checks that they belong together; PR_PKI_UNREADABLE names the file that does not fit. */
export function loadSite(store: Store): Site {
  const about = readAbout(store);
  const root = loadAuthority(store, FOLDER, 'root', about.name);
  const issuing = (role: IssuingRole): Authority => loadAuthority(store, FOLDER, role, about.name, root);
  return {
    ...about,
    root,
    issuing: {
      devices: issuing('devices'),
      services: issuing('services'),
      people: issuing('people'),
      'code-signing': issuing('code-signing'),
    },
  };
}

function readAbout(store: Store): { name: string; madeAtMs: number } {
  const name = `${FOLDER}/site.json`;
  const text = need(store, name);
  try {
    return siteSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new PumprangeError('PR_PKI_UNREADABLE', `${store.where(name)} is damaged`, { cause: error });
  }
}
