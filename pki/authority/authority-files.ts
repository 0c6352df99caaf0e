import { PumprangeError } from '../../protocol/index.ts';
import { type AuthorityRole, authorityId } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import { encode } from '../x509/der.ts';
import { isSignedBy } from '../x509/signed.ts';
import { type Authority, readAuthority } from './authority.ts';

/** The files of authorities, to be made with a folder all at once. */
export function filesOf(authorities: readonly Authority[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const { id, certificatePem, privateKey } of authorities) {
    files.set(`${id}.cert.pem`, certificatePem);
    files.set(`${id}.key.pem`, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
  }
  return files;
}

/**
 * Reads an authority, and checks that it is that of its name and, if a root is given, that this root issued it.
 * PR_PKI_UNREADABLE names the file that does not fit.
 */
export function loadAuthority(
  store: Store,
  folder: string,
  role: AuthorityRole,
  siteName: string,
  { root, generation = 1 }: { readonly root?: Authority; readonly generation?: number } = {},
): Authority {
  const id = authorityId(role, generation);
  const names = { certificate: `${folder}/${id}.cert.pem`, key: `${folder}/${id}.key.pem` };
  const where = { certificate: store.where(names.certificate), key: store.where(names.key) };
  const pem = { certificate: need(store, names.certificate), key: need(store, names.key) };
  const authority = readAuthority({ role, generation }, siteName, pem, where);
  if (authority.certificate.subject !== encode(authority.name).toString('hex')) {
    throw new PumprangeError(
      'PR_PKI_UNREADABLE',
      `${where.certificate} is that of ${authority.certificate.subjectText}`,
    );
  }
  if (root !== undefined && !isSignedBy(authority.certificate.signed, root.certificate)) {
    throw new PumprangeError(
      'PR_PKI_UNREADABLE',
      `${where.certificate} was not issued by the root beside it`,
    );
  }
  return authority;
}

/** PR_PKI_UNREADABLE if the document is missing. */
export function need(store: Store, name: string): string {
  const text = store.read(name);
  if (text === undefined) throw new PumprangeError('PR_PKI_UNREADABLE', `${store.where(name)} is missing`);
  return text;
}
