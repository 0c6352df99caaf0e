import type { KeyObject } from 'node:crypto';
import { signatureAlgorithmOf, signedStructure } from './algorithms.ts';
import { type Asn1, explicit, integer, sequence, time } from './der.ts';
import { authorityKeyIdentifier, crlNumber, type RevocationReason, reasonCode } from './extensions.ts';

export interface CrlEntry {
  /** Lower-case hexadecimal. */
  readonly serialNumber: string;
  readonly atMs: number;
  readonly reason: RevocationReason;
}

export interface CrlContent {
  readonly issuer: Asn1;
  readonly issuerKeyId: Uint8Array;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
  readonly number: number;
  readonly entries: readonly CrlEntry[];
}

/** @returns the DER of a version 2 CRL [RFC 5280 §5.1]. */
export function buildCrl(content: CrlContent, issuerKey: KeyObject): Buffer {
  const algorithm = signatureAlgorithmOf(issuerKey);
  const tbs = sequence(
    integer(1),
    algorithm,
    content.issuer,
    time(content.thisUpdateMs),
    time(content.nextUpdateMs),
    // Absent when there are none [RFC 5280 §5.1.2.6].
    content.entries.length > 0 ? sequence(...content.entries.map(entryOf)) : undefined,
    explicit(0, sequence(authorityKeyIdentifier(content.issuerKeyId), crlNumber(content.number))),
  );
  return signedStructure(tbs, algorithm, issuerKey);
}

function entryOf({ serialNumber, atMs, reason }: CrlEntry): Asn1 {
  return sequence(
    integer(Buffer.from(serialNumber, 'hex')),
    time(atMs),
    // Left out rather than given as "unspecified" [RFC 5280 §5.3.1].
    reason === 'unspecified' ? undefined : sequence(reasonCode(reason)),
  );
}
