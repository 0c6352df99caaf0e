import type { KeyObject } from 'node:crypto';
import asn1 from 'node-forge/lib/asn1.js';
import { PumprangeError } from '../../protocol/index.ts';
import { type Asn1, content, TAG } from '../x509/der.ts';
import { oidName } from '../x509/oids.ts';
import { printable } from '../x509/printable.ts';

/** Whatever goes wrong is PR_PKI_NO_CERTIFICATE. */
export function reading<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const detail = printable(`The ${what} cannot be read: ${String(error)}`);
    throw new PumprangeError('PR_PKI_NO_CERTIFICATE', detail, { cause: error });
  }
}

export function keyText(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return `RSA of ${modulusLength} bits`;
  if (namedCurve === 'prime256v1') return 'P-256';
  return namedCurve ?? key.asymmetricKeyType ?? 'unknown';
}

/** Its name here, or its numbers. */
export function oidText(id: Asn1 | undefined): string {
  const octets = content(id, TAG.oid, 'object identifier');
  return oidName(octets) ?? asn1.derToOid(octets);
}
