import {
  type CertificateJudge,
  type CertificateUse,
  type CertificateVerdict,
  type ControlId,
  type Identity,
  parseUrn,
} from '../../protocol/index.ts';
import type { Certificate } from '../x509/certificate.ts';
import { fingerprintOf } from '../x509/certificate.ts';
import type { ExtendedKeyUsage } from '../x509/extensions.ts';
import { CertificateCache } from './certificate-cache.ts';
import { type BlindDecision, forWantOf, graceOf, type Outages, type Refusal } from './outages.ts';
import { pathsToRoot, type SearchTrace } from './path.ts';
import type { RevocationSource } from './revocation-source.ts';

/** What a judge goes by. */
export interface Trust {
  readonly roots: readonly Certificate[];
  /** Authorities that need not be presented. */
  readonly authorities: readonly Certificate[];
  /** Asked at each judgement; `null`: revocation is not looked at. */
  readonly revocation: RevocationSource | null;
  /** What becomes of a judgement for want of a service. Absent: none is ever away but the source; that fails closed. */
  readonly outages?: Outages;
}

/** The use as a purpose in the certificate, and the control that refuses in its name unless a caller says another. */
const USES: Readonly<Record<CertificateUse, { purpose: ExtendedKeyUsage; control: ControlId }>> = {
  'tls-client': { purpose: 'clientAuth', control: 'mutual-tls' },
  'tls-server': { purpose: 'serverAuth', control: 'server-identity' },
  'message-signing': { purpose: 'messageSigning', control: 'signed-commands' },
  'code-signing': { purpose: 'codeSigning', control: 'signed-firmware' },
};

/** Certificates in a presented chain, at most. */
const MAX_PRESENTED = 6;

/** Reading a certificate is pure, so all judges of a process may share what was read. */
const sharedCache = new CertificateCache(4_096);

interface Accepted {
  readonly identity: Identity;
  readonly goodUntilMs: number;
  readonly blind: readonly BlindDecision[];
}
type Path = readonly [Certificate, ...Certificate[]];

/** A judge over fixed trust and live CRLs. */
export function createJudge(trust: Trust, cache: CertificateCache = sharedCache): CertificateJudge {
  return (chainDer, use, atMs) => judgeChain(chainDer, use, atMs, trust, cache);
}

/**
 * Judges a presented chain [RFC 5280 §6]. It never throws: bytes that cannot be read are `malformed`.
 *
 * Of several faults the most telling is named, in this order: what the bytes are, who issued them, whether the
 * signatures hold, what the authorities may do, **revoked**, dates, usage, identity, and last whether revocation could
 * be looked up. So a certificate that is both revoked and expired is called revoked (OpenSSL says expired): the
 * revocation was somebody's decision about this very certificate, and an alert should show it. One that is wrong
 * anyhow is not called `revocation-unknown` for want of a CRL.
 */
export function judgeChain(
  chainDer: readonly Uint8Array[],
  use: CertificateUse,
  atMs: number,
  trust: Trust,
  cache: CertificateCache,
): CertificateVerdict {
  let fingerprint: string | undefined;
  const refuse = ({ refusal, detail }: Refusal): CertificateVerdict => ({
    accepted: false,
    control:
      refusal === 'revoked' || refusal === 'revocation-unknown'
        ? 'certificate-revocation'
        : USES[use].control,
    refusal,
    detail,
    ...(fingerprint === undefined ? {} : { fingerprint }),
  });
  try {
    const [leafDer, ...restDer] = chainDer;
    if (leafDer === undefined) return refuse({ refusal: 'no-certificate', detail: 'none was presented' });
    fingerprint = fingerprintOf(leafDer);
    if (chainDer.length > MAX_PRESENTED) {
      return refuse({ refusal: 'malformed', detail: `more than ${MAX_PRESENTED} certificates` });
    }
    const leaf = cache.read(leafDer);
    const presented = restDer.map((der) => cache.read(der));
    const trace: SearchTrace = { badSignature: undefined, orphan: leaf };
    let first: Refusal | undefined;
    for (const path of pathsToRoot([leaf], [...trust.authorities, ...presented], trust.roots, trace)) {
      const judged = judgePath(path, use, atMs, trust);
      if ('identity' in judged) {
        for (const decision of judged.blind) trust.outages?.blind(decision);
        return accept(leaf, judged.identity, judged.goodUntilMs);
      }
      first ??= judged;
    }
    if (first?.blind !== undefined) trust.outages?.blind(first.blind);
    return refuse(first ?? withoutPath(trace));
  } catch (error) {
    return refuse({ refusal: 'malformed', detail: error instanceof Error ? error.message : String(error) });
  }
}

function accept(leaf: Certificate, identity: Identity, notAfterMs: number): CertificateVerdict {
  const { fingerprint, serialNumber } = leaf;
  return { accepted: true, identity, fingerprint, serialNumber, notAfterMs };
}

function withoutPath({ badSignature, orphan }: SearchTrace): Refusal {
  if (badSignature !== undefined) {
    const detail = `${badSignature.subjectText}: the signature is not that of ${badSignature.issuerText}`;
    return { refusal: 'bad-signature', detail };
  }
  return { refusal: 'unknown-issuer', detail: `${orphan.subjectText}: issued by ${orphan.issuerText}` };
}

function judgePath(path: Path, use: CertificateUse, atMs: number, trust: Trust): Refusal | Accepted {
  const [leaf, ...authorities] = path;
  const revocation = trust.revocation === null ? undefined : revocationOf(path, trust.revocation, atMs);
  const identity = identityOf(leaf);
  const wrong =
    unknownCritical(path) ??
    wrongAuthority(authorities) ??
    (revocation?.refusal === 'revoked' ? revocation : undefined);
  if (wrong !== undefined) return wrong;
  const date = wrongDate(path, atMs);
  const rest = wrongUsage(path, USES[use].purpose);
  if ('refusal' in identity) return date ?? rest ?? identity;
  const verdict = { use, leaf, identity: identity.identity, atMs, date, revocation };
  const mayHaveGrace = date !== undefined && wrongDate(authorities, atMs) === undefined;
  const graceEndMs = mayHaveGrace ? graceOf(verdict, trust.outages) : undefined;
  if (date !== undefined && (graceEndMs === undefined || rest !== undefined)) return date;
  if (rest !== undefined) return rest;
  const known = forWantOf(verdict, trust.outages);
  return 'refusal' in known ? known : { ...identity, ...known, goodUntilMs: graceEndMs ?? leaf.notAfterMs };
}

function unknownCritical(path: Path): Refusal | undefined {
  for (const { unknownCritical: extension, subjectText } of path) {
    if (extension !== undefined) {
      return { refusal: 'malformed', detail: `${subjectText}: critical extension ${extension}` };
    }
  }
  return undefined;
}

function wrongAuthority(authorities: readonly Certificate[]): Refusal | undefined {
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
function wrongDate(path: readonly Certificate[], atMs: number): Refusal | undefined {
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

function wrongUsage([leaf, ...authorities]: Path, purpose: ExtendedKeyUsage): Refusal | undefined {
  const wrong = (detail: string): Refusal => ({
    refusal: 'wrong-usage',
    detail: `${leaf.subjectText}: ${detail}`,
  });
  if (leaf.authority !== null) return wrong('an authority, not a holder');
  if (leaf.keyStrength === 'unaccepted') return wrong('neither P-256 nor RSA of 2,048 to 4,096 bits');
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
function identityOf(leaf: Certificate): Refusal | { readonly identity: Identity } {
  const urns = leaf.uris.filter((uri) => /^urn:pumprange:/i.test(uri));
  const [urn] = urns;
  const identity = urns.length === 1 && urn !== undefined ? parseUrn(urn) : undefined;
  if (identity !== undefined) return { identity };
  return {
    refusal: 'no-identity',
    detail: `${leaf.subjectText}: ${urns.length} identities in the subject alternative name`,
  };
}

function revocationOf(path: Path, source: RevocationSource, atMs: number): Refusal | undefined {
  let unknown: Refusal | undefined;
  for (const [index, certificate] of path.entries()) {
    const issuer = path[index + 1];
    if (issuer === undefined) break;
    const status = source.status(certificate, issuer, atMs);
    if (status.status === 'revoked') return { refusal: 'revoked', detail: status.detail };
    if (status.status === 'unknown') unknown ??= { refusal: 'revocation-unknown', detail: status.detail };
  }
  return unknown;
}
