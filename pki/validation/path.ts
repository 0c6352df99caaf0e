import type { Certificate } from '../x509/certificate.ts';
import { isSignedBy, isWeaklySignedBy } from '../x509/signed.ts';
import type { Path } from './checks.ts';

/** Authorities between a leaf and a root, at most. */
const MAX_AUTHORITIES = 3;

/** How far the search came where it found no path. */
export interface SearchTrace {
  /** An issuer of that name and key identifier is there, but its key did not sign. */
  badSignature: Certificate | undefined;
  /** Its issuer is there and did sign, but over SHA-1. */
  weakDigest: Certificate | undefined;
  /** The last certificate for which an issuer was looked for. */
  orphan: Certificate;
}

/**
 * Every path from the leaf to a root whose names and signatures hold, leaf first [RFC 5280 §6.1]. `authorities` are
 * those that the peer presented and those that we know: a resumed TLS session presents the leaf alone.
 *
 * Names are looked at first, and then signatures from the root down: a key that a stranger presents verifies nothing
 * before a root has vouched for it, so that nobody chooses how much work a chain is.
 */
export function* pathsToRoot(
  leaf: Certificate,
  authorities: readonly Certificate[],
  roots: readonly Certificate[],
  trace: SearchTrace,
): Generator<Path> {
  for (const path of namedPaths([leaf], authorities, roots, trace)) {
    if (isSignedThroughout(path, trace)) yield path;
  }
}

function* namedPaths(
  path: Path,
  authorities: readonly Certificate[],
  roots: readonly Certificate[],
  trace: SearchTrace,
): Generator<Path> {
  const tip = path[path.length - 1] ?? path[0];
  trace.orphan = tip;
  for (const root of roots) {
    if (isNamedIssuer(root, tip)) yield [...path, root];
  }
  if (path.length > MAX_AUTHORITIES) return;
  for (const authority of authorities) {
    if (path.some(({ fingerprint }) => fingerprint === authority.fingerprint)) continue;
    if (isNamedIssuer(authority, tip)) yield* namedPaths([...path, authority], authorities, roots, trace);
  }
}

/** Names are compared octet by octet, which is stricter than RFC 5280 §7.1 asks. */
function isNamedIssuer(issuer: Certificate, subject: Certificate): boolean {
  if (issuer.subject !== subject.issuer) return false;
  // Another authority of the same name, such as that of another site, is not the issuer [RFC 5280 §4.2.1.1].
  const { subjectKeyId } = issuer;
  return subjectKeyId === null || subject.authorityKeyId === null || subjectKeyId === subject.authorityKeyId;
}

function isSignedThroughout(path: Path, trace: SearchTrace): boolean {
  for (let index = path.length - 2; index >= 0; index -= 1) {
    const [subject, issuer] = path.slice(index, index + 2);
    if (subject === undefined || issuer === undefined) return false;
    if (isSignedBy(subject.signed, issuer)) continue;
    if (isWeaklySignedBy(subject.signed, issuer)) trace.weakDigest = subject;
    else trace.badSignature = subject;
    return false;
  }
  return true;
}
