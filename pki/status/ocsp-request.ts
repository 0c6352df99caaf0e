import {
  type Asn1,
  bytesOf,
  content,
  DerError,
  decode,
  isContext,
  positiveIntegerHex,
  sequenceElements,
  smallInteger,
  TAG,
} from '../x509/der.ts';
import { oidName } from '../x509/oids.ts';
import { readExtensions } from '../x509/read-extensions.ts';

/** A certificate that is asked about, by the digests of its issuer's name and key [RFC 6960 §4.1.1]. */
export interface CertId {
  /** As it came: the answer repeats it. */
  readonly asn1: Asn1;
  /** `undefined` for a digest that nobody here computes; no issuer then fits. */
  readonly hash: 'sha1' | 'sha256' | undefined;
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  /** Lower-case hexadecimal. */
  readonly serialNumber: string;
}

export interface OcspRequest {
  readonly certIds: readonly CertId[];
  readonly nonce: Buffer | undefined;
}

/** An honest request for sixteen certificates with SHA-256 fits twice. */
export const MAX_REQUEST_BYTES = 4_096;
/** Each costs a look-up; a chain has fewer. */
export const MAX_CERT_IDS = 16;
/** [RFC 8954 §2.1] */
const MAX_NONCE_BYTES = 32;

/**
 * Reads an OCSP request. A signature on it [RFC 6960 §4.1.2] is not looked at: whoever asks is told.
 * @throws on anything else
 */
export function parseOcspRequest(der: Uint8Array): OcspRequest {
  if (der.byteLength > MAX_REQUEST_BYTES) throw new DerError(`larger than ${MAX_REQUEST_BYTES} bytes`);
  const [tbs, signature, ...rest] = sequenceElements(decode(der), 'OCSPRequest');
  if (rest.length > 0 || (signature !== undefined && !isContext(signature, 0))) {
    throw new DerError('not a request with at most a signature');
  }
  const fields = sequenceElements(tbs, 'tbsRequest');
  if (isContext(fields[0], 0) && smallInteger(inside(fields.shift(), 'version'), 'version') !== 0) {
    throw new DerError('not version 1');
  }
  if (isContext(fields[0], 1)) fields.shift(); // who asks is not asked
  const [list, extensions, ...more] = fields;
  if (more.length > 0 || (extensions !== undefined && !isContext(extensions, 2))) {
    throw new DerError('not a list with at most extensions');
  }
  const certIds = sequenceElements(list, 'requestList').map(readRequest);
  if (certIds.length === 0 || certIds.length > MAX_CERT_IDS) {
    throw new DerError(`${certIds.length} certificates are asked about`);
  }
  return {
    certIds,
    nonce: extensions === undefined ? undefined : readNonce(inside(extensions, 'extensions')),
  };
}

function readRequest(request: Asn1): CertId {
  const [certId, extensions, ...rest] = sequenceElements(request, 'Request');
  if (certId === undefined || rest.length > 0) throw new DerError('not one CertID with at most extensions');
  if (extensions !== undefined) refuseCritical(inside(extensions, 'singleRequestExtensions'));
  return readCertId(certId);
}

/** @throws on anything that is no CertID */
export function readCertId(asn1: Asn1): CertId {
  const [algorithm, nameHash, keyHash, serial, ...rest] = sequenceElements(asn1, 'CertID');
  if (rest.length > 0) throw new DerError('a CertID has too many parts');
  const [id] = sequenceElements(algorithm, 'hashAlgorithm');
  const hash = oidName(content(id, TAG.oid, 'hashAlgorithm'));
  return {
    asn1,
    hash: hash === 'sha1' || hash === 'sha256' ? hash : undefined,
    issuerNameHash: bytesOf(content(nameHash, TAG.octetString, 'issuerNameHash')),
    issuerKeyHash: bytesOf(content(keyHash, TAG.octetString, 'issuerKeyHash')),
    serialNumber: positiveIntegerHex(serial, 'serialNumber'),
  };
}

/** The nonce among the extensions of a request or a response. */
export function readNonce(list: Asn1): Buffer | undefined {
  const value = refuseCritical(list).get('ocspNonce');
  if (value === undefined) return undefined;
  const nonce = bytesOf(content(value, TAG.octetString, 'nonce'));
  if (nonce.byteLength === 0 || nonce.byteLength > MAX_NONCE_BYTES) {
    throw new DerError(`a nonce of ${nonce.byteLength} bytes`);
  }
  return nonce;
}

function refuseCritical(list: Asn1) {
  const { known, unknownCritical } = readExtensions(list, ['ocspNonce']);
  if (unknownCritical !== undefined) throw new DerError(`critical extension ${unknownCritical}`);
  return known;
}

function inside(element: Asn1 | undefined, what: string): Asn1 {
  const [only, ...rest] = Array.isArray(element?.value) ? element.value : [];
  if (only === undefined || rest.length > 0) throw new DerError(`${what} does not wrap one element`);
  return only;
}
