import {
  type Asn1,
  bytesOf,
  content,
  elements,
  oid,
  primitive,
  printableString,
  sequence,
  sequenceElements,
  set,
  TAG,
  utf8String,
} from './der.ts';
import { oidContent } from './oids.ts';
import { printable } from './printable.ts';

/** ub-common-name [RFC 5280 Appendix A.1]. */
export const COMMON_NAME_MAX = 64;

/**
 * A distinguished name of an organization and a common name.
 * @param serialNumber of a device, as IEEE 802.1AR puts it into a birth certificate; printable.
 */
export function distinguishedName(organization: string, commonName: string, serialNumber?: string): Asn1 {
  return sequence(
    set(sequence(oid('organizationName'), utf8String(organization))),
    ...(serialNumber === undefined
      ? []
      : [set(sequence(oid('serialNumber'), printableString(serialNumber)))]),
    set(sequence(oid('commonName'), utf8String(commonName))),
  );
}

/** The common names in a name; usually one. */
export function commonNames(name: Asn1): readonly string[] {
  const id = oidContent('commonName');
  return sequenceElements(name, 'name')
    .flatMap((relative) => elements(relative, 'relative name'))
    .flatMap((attribute) => {
      const [type, value] = sequenceElements(attribute, 'attribute');
      if (value === undefined || content(type, TAG.oid, 'attribute type') !== id) return [];
      return [bytesOf(primitive(value, 'common name')).toString('utf8')];
    });
}

/** The values of a name, last first, for people to read; whatever a stranger has put there. */
export function nameText(name: Asn1): string {
  const text = sequenceElements(name, 'name')
    .flatMap((relative) => elements(relative, 'relative name'))
    .map((attribute) => {
      const [, value] = sequenceElements(attribute, 'attribute');
      return value === undefined ? '' : bytesOf(primitive(value, 'attribute value')).toString('utf8');
    })
    .reverse()
    .join(', ');
  return printable(text).slice(0, 200);
}
