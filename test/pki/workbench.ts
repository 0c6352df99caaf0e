import type { KeyObject } from 'node:crypto';
import { HeapClock } from '../../clock/index.ts';
import type { Authority } from '../../pki/authority/authority.ts';
import { loadSite, type Site } from '../../pki/authority/site.ts';
import { createJudge, parseCertificate, type ServiceRequest } from '../../pki/index.ts';
import { pkiIn } from '../../pki/open-pki.ts';
import type { Pki, PkiOptions } from '../../pki/pki.ts';
import { memoryStore } from '../../pki/store/memory-store.ts';
import { CertificateCache } from '../../pki/validation/certificate-cache.ts';
import { crlSource } from '../../pki/validation/revocation-source.ts';
import { type KeyPair, keyIdentifierOf, newKeyPair } from '../../pki/x509/algorithms.ts';
import { buildCertificate, newSerialNumber } from '../../pki/x509/build-certificate.ts';
import { buildCrl, type CrlEntry } from '../../pki/x509/build-crl.ts';
import { type Crl, parseCrl } from '../../pki/x509/crl.ts';
import type { Asn1 } from '../../pki/x509/der.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from '../../pki/x509/extensions.ts';
import { distinguishedName } from '../../pki/x509/name.ts';
import type { CertificateJudge, Identity } from '../../protocol/index.ts';

export const DAY_MS = 86_400_000;
export const START_MS = Date.parse('2026-03-02T06:00:00Z');
export const PUMP: Identity = { kind: 'pump', id: 'LVP-0001' };

/** A PKI in memory with its authorities laid open, so that a test can issue what the PKI itself never would. */
export interface Bench {
  readonly clock: HeapClock;
  readonly pki: Pki;
  readonly site: Site;
}

export function bench(options: Partial<PkiOptions> = {}): Bench {
  const clock = new HeapClock(START_MS);
  const store = memoryStore();
  const pki = pkiIn(store, { clock, ...options });
  return { clock, pki, site: loadSite(store) };
}

export interface Crooked {
  readonly subject?: Asn1;
  readonly notBeforeMs?: number;
  readonly notAfterMs?: number;
  readonly extensions?: (spkiDer: Buffer) => readonly Asn1[];
  /** Signs in the issuer's stead. */
  readonly signWith?: KeyObject;
  readonly keyPair?: KeyPair;
}

/** A certificate for a pump from the given authority, right in all that is not overridden. */
export function certify(issuer: Authority, crooked: Crooked = {}): Buffer {
  const { spkiDer } = crooked.keyPair ?? newKeyPair('p256');
  return buildCertificate(
    {
      issuer: issuer.name,
      subject: crooked.subject ?? distinguishedName('Test', 'urn:pumprange:pump:LVP-0001'),
      notBeforeMs: crooked.notBeforeMs ?? START_MS - DAY_MS,
      notAfterMs: crooked.notAfterMs ?? START_MS + DAY_MS,
      spkiDer,
      serialNumber: newSerialNumber(),
      extensions: crooked.extensions?.(spkiDer) ?? pumpExtensions(issuer, spkiDer),
    },
    crooked.signWith ?? issuer.privateKey,
  );
}

export function pumpExtensions(issuer: Authority, spkiDer: Buffer, replace: readonly Asn1[] = []): Asn1[] {
  const usual = [
    basicConstraints(null),
    keyUsage(['digitalSignature']),
    extendedKeyUsage(['clientAuth']),
    subjectAltName({ uri: 'urn:pumprange:pump:LVP-0001' }),
    subjectKeyIdentifier(keyIdentifierOf(spkiDer)),
    authorityKeyIdentifier(issuer.keyId),
  ];
  const idOf = (extension: Asn1): unknown => (extension.value as Asn1[])[0]?.value;
  return [...usual.filter((one) => !replace.some((other) => idOf(other) === idOf(one))), ...replace];
}

export interface CrlOptions {
  readonly entries?: readonly CrlEntry[];
  readonly nextUpdateMs?: number;
  readonly signWith?: KeyObject;
}

export function crlOf(issuer: Authority, options: CrlOptions = {}): Crl {
  return parseCrl(
    buildCrl(
      {
        issuer: issuer.name,
        issuerKeyId: issuer.keyId,
        thisUpdateMs: START_MS,
        nextUpdateMs: options.nextUpdateMs ?? START_MS + 7 * DAY_MS,
        number: 1,
        entries: options.entries ?? [],
      },
      options.signWith ?? issuer.privateKey,
    ),
  );
}

/** A judge that trusts the site, with these CRLs (`null`: it does not look). */
export function judgeOf(site: Site, crls: readonly Crl[] | null): CertificateJudge {
  return createJudge(
    {
      roots: [site.root.certificate],
      authorities: Object.values(site.issuing).map(({ certificate }) => certificate),
      revocation: crls === null ? null : crlSource(() => crls),
    },
    new CertificateCache(64),
  );
}

/** What a client without a certificate asks the status of certificates. */
export const question = (
  method: string,
  path: string,
  body: Uint8Array = Buffer.alloc(0),
): ServiceRequest => ({
  method,
  path,
  contentType: undefined,
  body: Buffer.from(body),
  chainDer: [],
  address: '127.0.0.1',
});

export const serialOf = (der: Uint8Array): string => parseCertificate(der).serialNumber;
