import { z } from 'zod';
import { PumprangeError } from '../../protocol/index.ts';
import { type AuthorityRole, ISSUING_ROLES, type IssuingRole } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import type { KeyAlgorithm } from '../x509/algorithms.ts';
import { encode } from '../x509/der.ts';
import { isSignedBy } from '../x509/signed.ts';
import { type Authority, newIssuing, newRoot, readAuthority } from './authority.ts';

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
  const files = new Map([
    [
      'site.json',
      `${JSON.stringify({ version: 1, name, madeAtMs: atMs } satisfies z.infer<typeof siteSchema>)}\n`,
    ],
  ]);
  for (const { role, certificatePem, privateKey } of authorities) {
    files.set(`${role}.cert.pem`, certificatePem);
    files.set(`${role}.key.pem`, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  }
  return store.createFolder(FOLDER, files);
}

export function hasSite(store: Store): boolean {
  return store.top().includes(FOLDER);
}

/** Reads the authorities and checks that they belong together; PR_PKI_UNREADABLE names the file that does not fit. */
export function loadSite(store: Store): Site {
  const about = readAbout(store);
  const root = load(store, 'root', about.name);
  const issuing = (role: IssuingRole): Authority => {
    const authority = load(store, role, about.name);
    if (!isSignedBy(authority.certificate.signed, root.certificate)) {
      const file = store.where(`${FOLDER}/${role}.cert.pem`);
      throw new PumprangeError('PR_PKI_UNREADABLE', `${file} was not issued by the root beside it`);
    }
    return authority;
  };
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

function load(store: Store, role: AuthorityRole, siteName: string): Authority {
  const names = { certificate: `${FOLDER}/${role}.cert.pem`, key: `${FOLDER}/${role}.key.pem` };
  const where = { certificate: store.where(names.certificate), key: store.where(names.key) };
  const pem = { certificate: need(store, names.certificate), key: need(store, names.key) };
  const authority = readAuthority(role, siteName, pem, where);
  if (authority.certificate.subject !== encode(authority.name).toString('hex')) {
    throw new PumprangeError(
      'PR_PKI_UNREADABLE',
      `${where.certificate} is that of ${authority.certificate.subjectText}`,
    );
  }
  return authority;
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

function need(store: Store, name: string): string {
  const text = store.read(name);
  if (text === undefined) throw new PumprangeError('PR_PKI_UNREADABLE', `${store.where(name)} is missing`);
  return text;
}
