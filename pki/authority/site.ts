import { z } from 'zod';
import { PumprangeError } from '../../protocol/index.ts';
import { type AuthorityId, ISSUING_ROLES, type IssuingRole, parseGeneration } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import type { KeyAlgorithm } from '../x509/algorithms.ts';
import { type Authority, newIssuing, newRoot } from './authority.ts';
import { filesOf, loadAuthority, need } from './authority-files.ts';

/** The authorities of a site: one root, and under it one authority for each sort of holder that issues. */
export interface Site {
  readonly name: string;
  readonly madeAtMs: number;
  readonly root: Authority;
  readonly issuing: Readonly<Record<IssuingRole, Authority>>;
  /** Those that issued before a rollover, oldest first. */
  readonly earlier: readonly Authority[];
}

/** Those that issue now, the root first. */
export function authoritiesOf(site: Site): readonly Authority[] {
  return [site.root, ...ISSUING_ROLES.map((role) => site.issuing[role])];
}

const FOLDER = 'authorities';
/** Each later generation has a folder of its own, so that it is there whole or not at all: `authorities-devices-2`. */
const LATER = /^authorities-(.+)$/;

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
  const issuing = ISSUING_ROLES.map((role) => loadAuthority(store, FOLDER, role, about.name, { root }));
  const later = laterFolders(store).map(({ folder, role, generation }) =>
    loadAuthority(store, folder, role, about.name, { root, generation }),
  );
  const all = [...issuing, ...later].sort((a, b) => a.generation - b.generation);
  const newest = (role: IssuingRole): Authority => {
    const found = all.findLast((one) => one.role === role);
    if (found === undefined) throw new TypeError(`there is no authority for ${role}`);
    return found;
  };
  const current = {
    devices: newest('devices'),
    services: newest('services'),
    people: newest('people'),
    'code-signing': newest('code-signing'),
  };
  const issues = new Set<Authority>(Object.values(current));
  return { ...about, root, issuing: current, earlier: all.filter((one) => !issues.has(one)) };
}

/**
 * Makes the next authority of a role beside those that are there. Where another process does the same at this moment, one
 * of them makes it and both have it.
 * @returns the site as it is then.
 */
export function addGeneration(
  store: Store,
  role: IssuingRole,
  atMs: number,
  keyAlgorithm: KeyAlgorithm,
): Site {
  const site = loadSite(store);
  const generation = site.issuing[role].generation + 1;
  const options = { siteName: site.name, atMs, keyAlgorithm };
  const authority = newIssuing(role, site.root, options, generation);
  store.createFolder(`${FOLDER}-${authority.id}`, filesOf([authority]));
  return loadSite(store);
}

/** Where the certificate of an authority lies in the store. */
export function certificateFile(id: AuthorityId): string {
  const folder = parseGeneration(id) === undefined ? FOLDER : `${FOLDER}-${id}`;
  return `${folder}/${id}.cert.pem`;
}

/** How many authorities a rollover has made, to see at little cost whether another process has added one. */
export function countGenerations(store: Store): number {
  return laterFolders(store).length;
}

function laterFolders(store: Store): { folder: string; role: IssuingRole; generation: number }[] {
  return store.top().flatMap((folder) => {
    const parsed = parseGeneration(LATER.exec(folder)?.[1] ?? '');
    return parsed === undefined ? [] : [{ folder, ...parsed }];
  });
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
