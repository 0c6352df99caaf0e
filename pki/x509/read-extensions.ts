import {
  type Asn1,
  bytesOf,
  content,
  DerError,
  decode,
  isContext,
  isTag,
  primitive,
  sequenceElements,
  smallInteger,
  TAG,
} from './der.ts';
import { KEY_USAGES, type KeyUsage } from './extensions.ts';
import { type OidName, oidName } from './oids.ts';

export interface Extensions {
  /** Content of each extension that is known here. */
  readonly known: ReadonlyMap<OidName, Asn1>;
  /** The first critical one that is not. */
  readonly unknownCritical: string | undefined;
}

/** Reads `Extensions` [RFC 5280 §4.2]; throws where one is there twice. */
export function readExtensions(list: Asn1, understood: readonly OidName[]): Extensions {
  const known = new Map<OidName, Asn1>();
  const seen = new Set<string>();
  let unknownCritical: string | undefined;
  for (const one of sequenceElements(list, 'extensions')) {
    const [id, ...rest] = sequenceElements(one, 'extension');
    const idContent = content(id, TAG.oid, 'extension id');
    const critical = isTag(rest[0], TAG.boolean) && content(rest.shift(), TAG.boolean, 'critical') !== '\x00';
    const [value, ...tail] = rest;
    if (tail.length > 0) throw new DerError('an extension has too many parts');
    if (seen.has(idContent)) throw new DerError('an extension is there twice');
    seen.add(idContent);
    const name = oidName(idContent);
    const octets = bytesOf(content(value, TAG.octetString, 'extension value'));
    if (name !== undefined && understood.includes(name)) known.set(name, decode(octets));
    else if (critical) unknownCritical ??= name ?? `with id ${bytesOf(idContent).toString('hex')}`;
  }
  return { known, unknownCritical };
}

/** `null` where it is absent or says that this is no authority. */
export function readBasicConstraints(value: Asn1 | undefined): { pathLength: number | null } | null {
  if (value === undefined) return null;
  const [authority, pathLength] = sequenceElements(value, 'basicConstraints');
  if (authority === undefined || content(authority, TAG.boolean, 'cA') === '\x00') return null;
  return {
    pathLength: pathLength === undefined ? null : smallInteger(pathLength, 'pathLenConstraint'),
  };
}

export function readKeyUsage(value: Asn1 | undefined): ReadonlySet<KeyUsage> {
  if (value === undefined) return new Set();
  const bits = content(value, TAG.bitString, 'keyUsage');
  const first = bits.length > 1 ? bits.charCodeAt(1) : 0;
  const names = Object.keys(KEY_USAGES) as KeyUsage[];
  return new Set(names.filter((name) => (first & (0x80 >> KEY_USAGES[name])) !== 0));
}

/** `null` where the extension is absent. Purposes without a name here are left out. */
export function readExtendedKeyUsage(value: Asn1 | undefined): ReadonlySet<OidName> | null {
  if (value === undefined) return null;
  const purposes = sequenceElements(value, 'extendedKeyUsage').map((purpose) =>
    oidName(content(purpose, TAG.oid, 'key purpose')),
  );
  return new Set(purposes.filter((name) => name !== undefined));
}

/** Hexadecimal; `null` where the extension is absent. */
export function readSubjectKeyIdentifier(value: Asn1 | undefined): string | null {
  if (value === undefined) return null;
  return bytesOf(content(value, TAG.octetString, 'subjectKeyIdentifier')).toString('hex');
}

/** Hexadecimal; `null` where there is no key identifier. */
export function readAuthorityKeyIdentifier(value: Asn1 | undefined): string | null {
  if (value === undefined) return null;
  const id = sequenceElements(value, 'authorityKeyIdentifier').find((part) => isContext(part, 0));
  return id === undefined ? null : bytesOf(primitive(id, 'keyIdentifier')).toString('hex');
}

/** The URIs of the subject's alternative names. Host names are not what we go by. */
export function readUris(value: Asn1 | undefined): readonly string[] {
  if (value === undefined) return [];
  return sequenceElements(value, 'subjectAltName')
    .filter((name) => isContext(name, 6))
    .map((name) => primitive(name, 'uniformResourceIdentifier'));
}

const NAME_LABELS: Readonly<Record<number, string>> = { 1: 'email', 2: 'DNS', 6: 'URI', 7: 'IP Address' };

/** A GeneralName as `URI:…`, `DNS:…`, `IP Address:…` [RFC 5280 §4.2.1.6]; the text is as it came. */
export function generalNameText(name: Asn1): string {
  const label = NAME_LABELS[name.type];
  if (label === undefined || typeof name.value !== 'string') return `other name of sort ${name.type}`;
  return `${label}:${name.type === 7 ? addressText(bytesOf(name.value)) : name.value}`;
}

function addressText(octets: Buffer): string {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16) return octets.toString('hex');
  return (octets.toString('hex').match(/..../g) ?? []).map((part) => part.replace(/^0{1,3}/, '')).join(':');
}
