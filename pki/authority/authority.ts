import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { PumprangeError } from '../../protocol/index.ts';
import {
  AUTHORITIES,
  type AuthorityId,
  type AuthorityRole,
  authorityId,
  BACKDATED_MS,
  type IssuingRole,
  policiesOf,
  purposesOf,
} from '../profiles.ts';
import { type KeyAlgorithm, keyIdentifierOf, newKeyPair } from '../x509/algorithms.ts';
import { buildCertificate, newSerialNumber } from '../x509/build-certificate.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import type { Asn1 } from '../x509/der.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  certificatePolicies,
  extendedKeyUsage,
  keyUsage,
  subjectKeyIdentifier,
} from '../x509/extensions.ts';
import { distinguishedName } from '../x509/name.ts';
import { pemBlocks, pemOf } from '../x509/pem.ts';

/** A certificate authority: its certificate and the key that signs. */
export interface Authority {
  readonly role: AuthorityRole;
  /** Counts from 1; a rollover makes the next. */
  readonly generation: number;
  readonly id: AuthorityId;
  readonly name: Asn1;
  readonly keyId: Buffer;
  readonly certificate: Certificate;
  readonly certificatePem: string;
  readonly privateKey: KeyObject;
}

/** Whose certificates they are, as all names of them say. */
export function organizationOf(siteName: string): string {
  return `${siteName} TEST ONLY`;
}

/** `O=Pumprange TEST ONLY, CN=Pumprange TEST ONLY Devices CA 2` and so on: no two generations share a name. */
function authorityName(siteName: string, role: AuthorityRole, generation: number): Asn1 {
  const organization = organizationOf(siteName);
  return distinguishedName(
    organization,
    `${organization} ${AUTHORITIES[role].title}${generation > 1 ? ` ${generation}` : ''}`,
  );
}

export interface NewAuthority {
  readonly siteName: string;
  readonly atMs: number;
  readonly keyAlgorithm: KeyAlgorithm;
}

export function newRoot(
  { siteName, atMs, keyAlgorithm }: NewAuthority,
  role: 'root' | 'manufacturer-root' = 'root',
): Authority {
  const { privateKey, spkiDer } = newKeyPair(keyAlgorithm);
  const name = authorityName(siteName, role, 1);
  const keyId = keyIdentifierOf(spkiDer);
  const der = buildCertificate(
    {
      issuer: name,
      subject: name,
      notBeforeMs: atMs - BACKDATED_MS,
      notAfterMs: atMs + AUTHORITIES[role].lifetimeMs,
      spkiDer,
      serialNumber: newSerialNumber(),
      // Self-signed: the authority key identifier may be left out [RFC 5280 §4.2.1.1].
      extensions: [
        basicConstraints(AUTHORITIES[role].pathLength),
        keyUsage(['keyCertSign', 'cRLSign']),
        subjectKeyIdentifier(keyId),
      ],
    },
    privateKey,
  );
  return authorityOf(role, 1, name, keyId, der, privateKey);
}

export function newIssuing(
  role: IssuingRole | 'manufacturer',
  root: Authority,
  options: NewAuthority,
  generation = 1,
): Authority {
  const { privateKey, spkiDer } = newKeyPair(options.keyAlgorithm);
  const name = authorityName(options.siteName, role, generation);
  const keyId = keyIdentifierOf(spkiDer);
  const der = buildCertificate(
    {
      issuer: root.name,
      subject: name,
      notBeforeMs: options.atMs - BACKDATED_MS,
      notAfterMs: Math.min(options.atMs + AUTHORITIES[role].lifetimeMs, root.certificate.notAfterMs),
      spkiDer,
      serialNumber: newSerialNumber(),
      extensions: [
        basicConstraints(AUTHORITIES[role].pathLength),
        keyUsage(['keyCertSign', 'cRLSign']),
        extendedKeyUsage(purposesOf(role)),
        certificatePolicies(policiesOf(role)),
        subjectKeyIdentifier(keyId),
        authorityKeyIdentifier(root.keyId),
      ],
    },
    root.privateKey,
  );
  return authorityOf(role, generation, name, keyId, der, privateKey);
}

function authorityOf(
  role: AuthorityRole,
  generation: number,
  name: Asn1,
  keyId: Buffer,
  der: Buffer,
  privateKey: KeyObject,
): Authority {
  return {
    role,
    generation,
    id: authorityId(role, generation),
    name,
    keyId,
    certificate: parseCertificate(der),
    certificatePem: pemOf('CERTIFICATE', der),
    privateKey,
  };
}

/**
 * Takes an authority up from its two files.
 * @param where names of the files for the error, PR_PKI_UNREADABLE
 */
export function readAuthority(
  { role, generation }: Pick<Authority, 'role' | 'generation'>,
  siteName: string,
  pem: { readonly certificate: string; readonly key: string },
  where: { readonly certificate: string; readonly key: string },
): Authority {
  const damaged = (file: string, error: unknown): PumprangeError =>
    new PumprangeError('PR_PKI_UNREADABLE', `${file} is damaged: ${String(error)}`, { cause: error });
  let authority: Authority;
  try {
    const [der] = pemBlocks(pem.certificate, 'CERTIFICATE');
    if (der === undefined) throw new TypeError('no certificate in it');
    const { spkiDer } = parseCertificate(der);
    // The key comes next; until then the public one stands in.
    const publicKey = createPublicKey({ key: spkiDer, format: 'der', type: 'spki' });
    authority = authorityOf(
      role,
      generation,
      authorityName(siteName, role, generation),
      keyIdentifierOf(spkiDer),
      der,
      publicKey,
    );
  } catch (error) {
    throw damaged(where.certificate, error);
  }
  try {
    const privateKey = createPrivateKey(pem.key);
    const spkiDer = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
    if (!spkiDer.equals(authority.certificate.spkiDer)) {
      throw new TypeError(`it is not the key of ${where.certificate}`);
    }
    return { ...authority, privateKey };
  } catch (error) {
    throw damaged(where.key, error);
  }
}
