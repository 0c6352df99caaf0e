import { verify } from 'node:crypto';
import { type CertificationRequest, parseCertificationRequest } from '../x509/certification-request.ts';
import { decode, sequenceElements } from '../x509/der.ts';
import { printable } from '../x509/printable.ts';
import { keyText, oidText, reading } from './reading.ts';

/** What a certification request asks for, as the EST server reads it. */
export interface RequestFacts {
  readonly kind: 'request';
  readonly subject: string;
  readonly key: string;
  /** As `URI:…`, `DNS:…`, `IP Address:…`. */
  readonly names: readonly string[];
  /** None: it does not ask for any. */
  readonly purposes: readonly string[];
  /** Whether it asks for the right to certify, or to revoke. */
  readonly wantsAuthority: boolean;
  /** The first critical extension that is not known here; `null`: there is none. */
  readonly unknownCritical: string | null;
  /** Whether whoever asks has shown to hold the key. */
  readonly possessionProved: boolean;
}

/** Reads a certificate request [RFC 2986]. Throws PR_PKI_NO_CERTIFICATE. */
export function requestFacts(der: Buffer): RequestFacts {
  return reading('certificate request', () => {
    const request = parseCertificationRequest(der);
    const key = request.publicKey();
    return {
      kind: 'request',
      subject: request.subjectText,
      key: key === undefined ? 'unknown' : keyText(key),
      names: request.alternativeNames.map(printable),
      purposes: request.purposes,
      wantsAuthority: request.wantsAuthority,
      unknownCritical: request.unknownCritical ?? null,
      possessionProved: isSelfSigned(request, der),
    };
  });
}

/** Digests of signatures that we would not accept, by number; all others are SHA-256. Ed25519 has its own. */
const DIGESTS: Readonly<Record<string, string | null>> = {
  ecdsaWithSha1: 'sha1',
  sha1WithRsaEncryption: 'sha1',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.3.101.112': null,
};

/** Also with keys and digests that nobody gets a certificate for here: it is for people to know. */
function isSelfSigned({ signed, publicKey }: CertificationRequest, der: Buffer): boolean {
  const key = publicKey();
  const [, algorithm] = sequenceElements(decode(der), 'request');
  const [id] = sequenceElements(algorithm, 'algorithm');
  const digest = DIGESTS[oidText(id)];
  try {
    return (
      key !== undefined && verify(digest === undefined ? 'sha256' : digest, signed.tbs, key, signed.signature)
    );
  } catch {
    // A key that OpenSSL reads and will not verify with.
    return false;
  }
}
