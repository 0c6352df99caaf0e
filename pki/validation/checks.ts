import { type Identity, parseUrn, urnOf } from '../../protocol/index.ts';
import { ACCEPTED_KEYS, type Certificate } from '../x509/certificate.ts';
import type { ExtendedKeyUsage } from '../x509/extensions.ts';
import type { Refusal } from './outages.ts';

/** A path to a root, leaf first. */
export type Path = readonly [Certificate, ...Certificate[]];

export function unknownCritical(path: Path): Refusal | undefined {
  for (const { unknownCritical: extension, subjectText } of path) {
    if (extension !== undefined) {
      return { refusal: 'malformed', detail: `${subjectText}: critical extension ${extension}` };
    }
  }
  return undefined;
}

export function wrongAuthority(authorities: readonly Certificate[]): Refusal | undefined {
  let below = 0;
  for (const { authority, keyUsage, subject, issuer, subjectText } of authorities) {
    if (authority === null || !keyUsage.has('keyCertSign')) {
      return { refusal: 'wrong-usage', detail: `${subjectText}: not an authority` };
    }
    if (authority.pathLength !== null && below > authority.pathLength) {
      return { refusal: 'path-length-exceeded', detail: `${subjectText}: ${below} authorities below it` };
    }
    // One that an authority issued to itself does not count [RFC 5280 §6.1.4 (l)].
    if (subject !== issuer) below += 1;
  }
  return undefined;
}

/** Both ends of the validity count [RFC 5280 §4.1.2.5]. */
export function wrongDate(path: readonly Certificate[], atMs: number): Refusal | undefined {
  for (const { notBeforeMs, notAfterMs, subjectText } of path) {
    if (atMs < notBeforeMs) {
      const date = new Date(notBeforeMs).toISOString();
      return { refusal: 'not-yet-valid', detail: `${subjectText}: valid from ${date}` };
    }
    // `!(a <= b)`, so that a time that is no number is refused.
    if (!(atMs <= notAfterMs)) {
      const date = new Date(notAfterMs).toISOString();
      return { refusal: 'expired', detail: `${subjectText}: expired at ${date}` };
    }
  }
  return undefined;
}

export function weakKey({ keyStrength, subjectText }: Certificate): Refusal | undefined {
  if (keyStrength !== 'unaccepted') return undefined;
  return { refusal: 'weak-key', detail: `${subjectText}: neither ${ACCEPTED_KEYS}` };
}

export function wrongUsage([leaf, ...authorities]: Path, purpose: ExtendedKeyUsage): Refusal | undefined {
  const wrong = (detail: string): Refusal => ({
    refusal: 'wrong-usage',
    detail: `${leaf.subjectText}: ${detail}`,
  });
  if (leaf.authority !== null) return wrong('an authority, not a holder');
  if (!leaf.keyUsage.has('digitalSignature')) return wrong('not for digital signatures');
  // Without the extension a certificate would be good for anything; ours always have it.
  if (leaf.extendedKeyUsage?.has(purpose) !== true) return wrong(`not for ${purpose}`);
  for (const { extendedKeyUsage, subjectText } of authorities) {
    if (extendedKeyUsage !== null && !extendedKeyUsage.has(purpose)) {
      return wrong(`${subjectText} certifies nobody for ${purpose}`);
    }
  }
  return undefined;
}

/** Exactly one of our URNs. Scheme and namespace of a URN have no case [RFC 8141 §3.1], so a second one cannot hide. */
export function identityOf(leaf: Certificate): Refusal | { readonly identity: Identity } {
  const urns = leaf.uris.filter((uri) => /^urn:pumprange:/i.test(uri));
  const [urn] = urns;
  const identity = urns.length === 1 && urn !== undefined ? parseUrn(urn) : undefined;
  if (identity !== undefined) return { identity };
  return {
    refusal: 'no-identity',
    detail: `${leaf.subjectText}: ${urns.length} identities in the subject alternative name`,
  };
}

/** One name, twice written: a common name that says another holder would be somebody else at a broker that reads it. */
export function wrongName(
  { commonNames, subjectText }: Certificate,
  identity: Identity,
): Refusal | undefined {
  const urn = urnOf(identity);
  if (commonNames.every((name) => name === urn)) return undefined;
  return { refusal: 'name-mismatch', detail: `${subjectText}: the subject alternative name says ${urn}` };
}
