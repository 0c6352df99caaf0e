import {
  content,
  DerError,
  decode,
  elements,
  encode,
  explicit,
  implicitList,
  integer,
  isContext,
  oid,
  sequence,
  sequenceElements,
  set,
  TAG,
} from './der.ts';
import { oidName } from './oids.ts';

/** Far above any honest list of authorities. */
const MAX_BYTES = 65_536;
const MAX_CERTIFICATES = 32;

/** A "certs-only" CMS message: signed data that nobody signed, around certificates [RFC 8551 §3.8]. */
export function buildCertsOnly(certificatesDer: readonly Uint8Array[]): Buffer {
  return encode(
    sequence(
      oid('signedData'),
      explicit(
        0,
        sequence(
          integer(1),
          set(),
          sequence(oid('data')),
          implicitList(0, ...certificatesDer.map(decode)),
          set(),
        ),
      ),
    ),
  );
}

/** @returns the DER of each certificate. Throws on anything that is not a certs-only message in DER. */
export function readCertsOnly(der: Uint8Array): readonly Buffer[] {
  if (der.byteLength > MAX_BYTES) throw new DerError(`larger than ${MAX_BYTES} bytes`);
  const [type, wrapped] = sequenceElements(decode(der), 'ContentInfo');
  if (oidName(content(type, TAG.oid, 'contentType')) !== 'signedData' || !isContext(wrapped, 0)) {
    throw new DerError('not signed data');
  }
  const [signedData] = elements(wrapped, 'content');
  const list = sequenceElements(signedData, 'SignedData').find((field) => isContext(field, 0));
  const certificates = list === undefined ? [] : elements(list, 'certificates').map(encode);
  if (certificates.length > MAX_CERTIFICATES)
    throw new DerError(`more than ${MAX_CERTIFICATES} certificates`);
  return certificates;
}
