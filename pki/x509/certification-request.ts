import type { KeyObject } from 'node:crypto';
import { signatureAlgorithmOf, signedStructure } from './algorithms.ts';
import { keyStrengthOf, lazyPublicKey } from './certificate.ts';
import {
  type Asn1,
  bytesOf,
  content,
  DerError,
  decode,
  elements,
  encode,
  implicitList,
  integer,
  isContext,
  oid,
  primitive,
  sequence,
  sequenceElements,
  set,
  smallInteger,
  TAG,
  utf8String,
} from './der.ts';
import { subjectAltName } from './extensions.ts';
import { nameText } from './name.ts';
import { type OidName, oidName } from './oids.ts';
import { generalNameText, readBasicConstraints, readExtensions, readKeyUsage } from './read-extensions.ts';
import { isSignedBy, readSigned, type Signed } from './signed.ts';

/** What a certification request asks for [RFC 2986]. All of it is what somebody claims, except that they hold the key. */
export interface CertificationRequest {
  /** Values of the subject's common names and serial numbers. Other attributes say nothing about who it is. */
  readonly subjectNames: readonly string[];
  /** The whole subject, for people to read. */
  readonly subjectText: string;
  /** All alternative names as `URI:…`, `DNS:…`, `IP Address:…`; as they came, for people to read. */
  readonly alternativeNames: readonly string[];
  /** Alternative names that are URIs. */
  readonly uris: readonly string[];
  /** Whether there are alternative names of other sorts: hosts, addresses, mail. */
  readonly hasOtherNames: boolean;
  /** Whether it wants to be an authority. */
  readonly wantsAuthority: boolean;
  /** Purposes by name; one without a name here by its octets in hexadecimal. */
  readonly purposes: readonly string[];
  /** The first critical extension that is not known here. */
  readonly unknownCritical: string | undefined;
  readonly spkiDer: Buffer;
  readonly keyStrength: 'p256' | 'rsa' | 'unaccepted';
  readonly publicKey: () => KeyObject | undefined;
  readonly signed: Signed;
}

/** Far above any honest request: one of RSA-4096 with names has 1.5 KB. */
const MAX_BYTES = 12_288;

const UNDERSTOOD: readonly OidName[] = [
  'basicConstraints',
  'keyUsage',
  'extendedKeyUsage',
  'subjectAltName',
  'subjectKeyIdentifier',
];

/** @throws on anything that is not one whole certification request of version 1. */
export function parseCertificationRequest(der: Uint8Array): CertificationRequest {
  if (der.byteLength > MAX_BYTES) throw new DerError(`larger than ${MAX_BYTES} bytes`);
  const { signed, fields } = readSigned(Buffer.from(der));
  const [version, subject, spki, attributes, ...rest] = fields;
  if (subject === undefined || spki === undefined || rest.length > 0) {
    throw new DerError('not version, subject, key and attributes');
  }
  // The version is 0: "v1" [RFC 2986 §4.1].
  if (smallInteger(version, 'version') !== 0) throw new DerError('not version 1');
  const { known, unknownCritical } = requestedExtensions(attributes);
  const names = known.get('subjectAltName');
  const alternatives = names === undefined ? [] : sequenceElements(names, 'subjectAltName');
  const uris = alternatives.filter((name) => isContext(name, 6));
  const usages = readKeyUsage(known.get('keyUsage'));
  const purposes = known.get('extendedKeyUsage');
  const spkiDer = encode(spki);
  return {
    subjectNames: subjectNames(subject),
    subjectText: nameText(subject),
    alternativeNames: alternatives.map(generalNameText),
    uris: uris.map((name) => primitive(name, 'uniformResourceIdentifier')),
    hasOtherNames: alternatives.length > uris.length,
    wantsAuthority:
      readBasicConstraints(known.get('basicConstraints')) !== null ||
      usages.has('keyCertSign') ||
      usages.has('cRLSign'),
    purposes: purposes === undefined ? [] : sequenceElements(purposes, 'extendedKeyUsage').map(purposeName),
    unknownCritical,
    spkiDer,
    keyStrength: keyStrengthOf(spki),
    publicKey: lazyPublicKey(spkiDer),
    signed,
  };
}

/** Whether whoever asks holds the private key [RFC 2986 §3]. */
export function provesPossession(request: CertificationRequest): boolean {
  try {
    return isSignedBy(request.signed, request);
  } catch {
    // A key that OpenSSL reads and will not verify with.
    return false;
  }
}

/** @returns the DER of a request for a certificate that names `urn`, signed with the key that it is for. */
export function buildCertificationRequest(
  urn: string,
  keys: { readonly privateKey: KeyObject; readonly spkiDer: Uint8Array },
): Buffer {
  const content = sequence(
    integer(0),
    sequence(set(sequence(oid('commonName'), utf8String(urn)))),
    decode(keys.spkiDer),
    implicitList(0, sequence(oid('extensionRequest'), set(sequence(subjectAltName({ uri: urn }))))),
  );
  return signedStructure(content, signatureAlgorithmOf(keys.privateKey), keys.privateKey);
}

function requestedExtensions(attributes: Asn1 | undefined): ReturnType<typeof readExtensions> {
  const none = { known: new Map<OidName, Asn1>(), unknownCritical: undefined };
  if (attributes === undefined) return none;
  if (!isContext(attributes, 0)) throw new DerError('attributes are not [0]');
  const found = elements(attributes, 'attributes').filter((attribute) => {
    const [id] = sequenceElements(attribute, 'attribute');
    return oidName(content(id, TAG.oid, 'attribute type')) === 'extensionRequest';
  });
  const [attribute, second] = found;
  if (attribute === undefined) return none;
  if (second !== undefined) throw new DerError('extensions are asked for twice');
  const [, values] = sequenceElements(attribute, 'attribute');
  const [list, another] = elements(values, 'attribute values');
  if (list === undefined || another !== undefined) throw new DerError('not one list of extensions');
  return readExtensions(list, UNDERSTOOD);
}

const NAMING: ReadonlySet<OidName | undefined> = new Set(['commonName', 'serialNumber']);

function subjectNames(name: Asn1): string[] {
  return sequenceElements(name, 'subject')
    .flatMap((relative) => elements(relative, 'relative name'))
    .flatMap((attribute) => {
      const [id, value] = sequenceElements(attribute, 'attribute');
      if (!NAMING.has(oidName(content(id, TAG.oid, 'attribute type')))) return [];
      if (value === undefined) throw new DerError('an attribute without a value');
      return [bytesOf(primitive(value, 'attribute value')).toString('utf8')];
    });
}

function purposeName(purpose: Asn1): string {
  const id = content(purpose, TAG.oid, 'key purpose');
  return oidName(id) ?? bytesOf(id).toString('hex');
}
