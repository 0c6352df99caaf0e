import { createPrivateKey, createPublicKey } from 'node:crypto';
import { type Identity, PumprangeError, parseUrn, sameIdentity } from '../../protocol/index.ts';
import { type CertificateProfile, PROFILES, type ProfileName } from '../profiles.ts';
import type { Store } from '../store/store.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { pemBlocks } from '../x509/pem.ts';
import { isSignedBy } from '../x509/signed.ts';
import { type Credential, certifiedKeyOf, withKey } from './mint.ts';
import type { Site } from './site.ts';

/** Key and chain lie in one file, so that they can never be of two different issues. */
function nameOf(identity: Identity, profile: CertificateProfile): string {
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
  const { issuer: role } = PROFILES[profile];
  const issuers = [site.issuing[role], ...site.earlier.filter((one) => one.role === role)];
  let credential: Credential;
  try {
    const [der] = pemBlocks(text, 'CERTIFICATE');
    if (der === undefined) throw new TypeError('no certificate in it');
    const certificate = parseCertificate(der);
    const issuer = issuers.find((one) => isSignedBy(certificate.signed, one.certificate));
    if (issuer === undefined) throw new TypeError('issued by another PKI');
    const privateKey = createPrivateKey(text);
    const spkiDer = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    if (!spkiDer.equals(certificate.spkiDer)) throw new TypeError('the key is not that of the certificate');
    const [found] = certificate.uris.map(parseUrn);
    if (found === undefined) throw new TypeError('the certificate names nobody');
    const certified = certifiedKeyOf(site.root.certificatePem, found, profile, certificate, issuer);
    credential = withKey(certified, privateKey);
  } catch (error) {
    throw new PumprangeError('PR_PKI_UNREADABLE', `${store.where(name)} is damaged: ${String(error)}`, {
      cause: error,
    });
  }
  // Where file names have no case, "A" and "a" share a file.
  return sameIdentity(credential.identity, identity) ? credential : undefined;
}
