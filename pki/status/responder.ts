import type { Authority } from '../authority/authority.ts';
import { BACKDATED_MS, OCSP_RESPONDER_LIFETIME_MS } from '../profiles.ts';
import { keyIdentifierOf, newKeyPair } from '../x509/algorithms.ts';
import { buildCertificate, newSerialNumber } from '../x509/build-certificate.ts';
import { parseCertificate } from '../x509/certificate.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  ocspNoCheck,
  subjectKeyIdentifier,
} from '../x509/extensions.ts';
import { distinguishedName } from '../x509/name.ts';
import type { Responder } from './ocsp-response.ts';

/**
 * The delegated responder of an authority [RFC 6960 §4.2.2.2]: made when first needed and again after half of its life.
 * Its key is kept in memory only, and it is in no register: with `ocsp-nocheck` nobody would look for its revocation.
 */
export function delegatedResponder(authority: Authority, siteName: string): (atMs: number) => Responder {
  let responder: Responder | undefined;
  let madeAtMs = 0;
  return (atMs) => {
    const isFresh = atMs >= madeAtMs && atMs < madeAtMs + OCSP_RESPONDER_LIFETIME_MS / 2;
    if (responder === undefined || !isFresh) {
      responder = newResponder(authority, siteName, atMs);
      madeAtMs = atMs;
    }
    return responder;
  };
}

function newResponder(authority: Authority, siteName: string, atMs: number): Responder {
  // An authority with an RSA key is there for peers that know nothing else.
  const isRsa = authority.privateKey.asymmetricKeyType === 'rsa';
  const { privateKey, spkiDer } = newKeyPair(isRsa ? 'rsa2048' : 'p256');
  const title = `${siteName} TEST ONLY OCSP ${authority.id}`;
  const der = buildCertificate(
    {
      issuer: authority.name,
      subject: distinguishedName(`${siteName} TEST ONLY`, title),
      notBeforeMs: atMs - BACKDATED_MS,
      notAfterMs: Math.min(atMs + OCSP_RESPONDER_LIFETIME_MS, authority.certificate.notAfterMs),
      spkiDer,
      serialNumber: newSerialNumber(),
      extensions: [
        basicConstraints(null),
        keyUsage(['digitalSignature']),
        extendedKeyUsage(['ocspSigning']),
        ocspNoCheck(),
        subjectKeyIdentifier(keyIdentifierOf(spkiDer)),
        authorityKeyIdentifier(authority.keyId),
      ],
    },
    authority.privateKey,
  );
  return { certificate: parseCertificate(der), privateKey };
}
