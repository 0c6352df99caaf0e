import { createPrivateKey, createPublicKey } from 'node:crypto';
import { type Identity, PumprangeError, parseUrn, sameIdentity } from '../../protocol/index.ts';
import { PROFILES, type ProfileName } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { pemBlocks } from '../x509/pem.ts';
import { isSignedBy } from '../x509/signed.ts';
import { type Credential, certifiedKeyOf, withKey } from './issue.ts';
import type { Site } from './site.ts';

/** Key and chain lie in one file, so that they can never be of two different issues. */
function nameOf(identity: Identity, profile: ProfileName): string {
  return `credentials/${identity.kind}.${identity.id}.${profile}.pem`;
}

export function storeCredential(store: Store, credential: Credential): void {
  const { identity, profile, privateKeyPem, chainPem } = credential;
  store.write(nameOf(identity, profile), privateKeyPem + chainPem, false);
}

/**
 * @returns `undefined` if none is stored for exactly this identity. PR_PKI_UNREADABLE if what is stored is damaged or was
 * issued by another PKI.
 */
export function readCredential(
  store: Store,
  site: Site,
  identity: Identity,
  profile: ProfileName,
): Credential | undefined {
  const name = nameOf(identity, profile);
  const text = store.read(name);
  if (text === undefined) return undefined;
  const issuer = site.issuing[PROFILES[profile].issuer];
  let credential: Credential;
  try {
    const [der] = pemBlocks(text, 'CERTIFICATE');
    if (der === undefined) throw new TypeError('no certificate in it');
    const certificate = parseCertificate(der);
    if (!isSignedBy(certificate.signed, issuer.certificate)) throw new TypeError('issued by another PKI');
    const privateKey = createPrivateKey(text);
    const spkiDer = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    if (!spkiDer.equals(certificate.spkiDer)) throw new TypeError('the key is not that of the certificate');
    const [found] = certificate.uris.map(parseUrn);
    if (found === undefined) throw new TypeError('the certificate names nobody');
    credential = withKey(certifiedKeyOf(site, found, profile, certificate, issuer), privateKey);
  } catch (error) {
    throw new PumprangeError('PR_PKI_UNREADABLE', `${store.where(name)} is damaged: ${String(error)}`, {
      cause: error,
    });
  }
  // Where file names have no case, "A" and "a" share a file.
  return sameIdentity(credential.identity, identity) ? credential : undefined;
}
