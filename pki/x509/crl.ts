import {
  type Asn1,
  content,
  DerError,
  encode,
  isContext,
  isTag,
  positiveIntegerHex,
  sequenceElements,
  smallInteger,
  TAG,
  timeMs,
} from './der.ts';
import { REVOCATION_REASONS, type RevocationReason } from './extensions.ts';
import { readAuthorityKeyIdentifier, readExtensions } from './read-extensions.ts';
import { readSigned, type Signed } from './signed.ts';

/** What is read of a certificate revocation list. */
export interface Crl {
  readonly der: Buffer;
  /** The name of the issuer as the hexadecimal of its DER. */
  readonly issuer: string;
  readonly issuerKeyId: string | null;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly number: number;
  /** By serial number, lower-case hexadecimal. */
  readonly revoked: ReadonlyMap<string, { readonly atMs: number; readonly reason: RevocationReason }>;
  readonly signed: Signed;
}

/** @throws on anything that is not one whole CRL of version 2 with number and next update [RFC 5280 §5.1.2]. */
export function parseCrl(der: Uint8Array): Crl {
  const bytes = Buffer.from(der);
  const { signed, fields, algorithmDer } = readSigned(bytes);
  const [version, algorithm, issuer, thisUpdate, nextUpdate, ...optional] = fields;
  if (smallInteger(version, 'version') !== 1) throw new DerError('not version 2');
  if (algorithm === undefined || issuer === undefined) throw new DerError('a field is missing');
  if (!encode(algorithm).equals(algorithmDer)) throw new DerError('two different signature algorithms');
  const entries = optional.find((field) => isTag(field, TAG.sequence));
  const wrapped = optional.find((field) => isContext(field, 0));
  const [list] = wrapped !== undefined && Array.isArray(wrapped.value) ? wrapped.value : [];
  if (list === undefined) throw new DerError('no extensions');
  // A critical extension that is not understood (a delta, a distribution point) changes what the list says.
  const { known, unknownCritical } = readExtensions(list, ['crlNumber', 'authorityKeyIdentifier']);
  if (unknownCritical !== undefined) throw new DerError(`critical extension ${unknownCritical}`);
  return {
    der: bytes,
    issuer: encode(issuer).toString('hex'),
    issuerKeyId: readAuthorityKeyIdentifier(known.get('authorityKeyIdentifier')),
    thisUpdateMs: timeMs(thisUpdate, 'thisUpdate'),
    nextUpdateMs: timeMs(nextUpdate, 'nextUpdate'),
    number: smallInteger(known.get('crlNumber'), 'crlNumber'),
    revoked: new Map(entries === undefined ? [] : sequenceElements(entries, 'entries').map(readEntry)),
    signed,
  };
}

function readEntry(entry: Asn1): [string, { atMs: number; reason: RevocationReason }] {
  const [serial, date, list] = sequenceElements(entry, 'entry');
  return [
    positiveIntegerHex(serial, 'serialNumber'),
    { atMs: timeMs(date, 'revocationDate'), reason: readReason(list) },
  ];
}

function readReason(list: Asn1 | undefined): RevocationReason {
  if (list === undefined) return 'unspecified';
  const { known, unknownCritical } = readExtensions(list, ['reasonCode']);
  if (unknownCritical !== undefined) throw new DerError(`critical entry extension ${unknownCritical}`);
  return readReasonCode(known.get('reasonCode'));
}

/** A CRLReason, in a CRL or in an OCSP answer. */
export function readReasonCode(value: Asn1 | undefined): RevocationReason {
  if (value === undefined) return 'unspecified';
  const code = content(value, TAG.enumerated, 'reasonCode').charCodeAt(0);
  const reasons = Object.keys(REVOCATION_REASONS) as RevocationReason[];
  return reasons.find((reason) => REVOCATION_REASONS[reason] === code) ?? 'unspecified';
}
