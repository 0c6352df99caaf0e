import type {
  CertificateJudge,
  CertificateRefusal,
  CertificateUse,
  CertificateVerdict,
  ControlId,
  Identity,
} from '../../protocol/index.ts';
import type { Certificate } from '../x509/certificate.ts';
import { fingerprintOf } from '../x509/certificate.ts';
import type { ExtendedKeyUsage } from '../x509/extensions.ts';
import { CertificateCache } from './certificate-cache.ts';
import {
  identityOf,
  type Path,
  unknownCritical,
  weakKey,
  wrongAuthority,
  wrongDate,
  wrongName,
  wrongUsage,
} from './checks.ts';
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
  'uplink-signing': { purpose: 'uplinkSigning', control: 'signed-uplink' },
  'code-signing': { purpose: 'codeSigning', control: 'signed-firmware' },
};

/** Certificates in a presented chain, at most. */
const MAX_PRESENTED = 6;
const TOO_MANY: Refusal = { refusal: 'malformed', detail: `more than ${MAX_PRESENTED} certificates` };

/** Reading a certificate is pure, so all judges of a process may share what was read. */
const sharedCache = new CertificateCache(4_096);

interface Accepted {
  readonly identity: Identity;
  readonly goodUntilMs: number;
  readonly blind: readonly BlindDecision[];
}

/** A judge over fixed trust and live CRLs. */
export function createJudge(trust: Trust, cache: CertificateCache = sharedCache): CertificateJudge {
  return (chainDer, use, atMs) => judgeChain(chainDer, use, atMs, trust, cache);
}

/**
 * Judges a presented chain [RFC 5280 §6]. It never throws: bytes that cannot be read are `malformed`.
 *
 * Of several faults the most telling is named, in this order: what the bytes are, who issued them, whether the
 * signatures hold, what the authorities may do, **revoked**, dates, the key, usage, identity and name, and last whether revocation could
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
    control: controlOf(refusal, use),
    refusal,
    detail,
    ...(fingerprint === undefined ? {} : { fingerprint }),
  });
  try {
    const [leafDer, ...restDer] = chainDer;
    if (leafDer === undefined) return refuse({ refusal: 'no-certificate', detail: 'none was presented' });
    fingerprint = fingerprintOf(leafDer);
    if (chainDer.length > MAX_PRESENTED) return refuse(TOO_MANY);
    const leaf = cache.read(leafDer);
    const presented = restDer.map((der) => cache.read(der));
    const trace: SearchTrace = { badSignature: undefined, weakDigest: undefined, orphan: leaf };
    let first: Refusal | undefined;
    for (const path of pathsToRoot(leaf, [...trust.authorities, ...presented], trust.roots, trace)) {
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

function withoutPath({ badSignature, weakDigest, orphan }: SearchTrace): Refusal {
  if (weakDigest !== undefined) {
    const detail = `${weakDigest.subjectText}: signed over SHA-1 by ${weakDigest.issuerText}`;
    return { refusal: 'weak-digest', detail };
  }
  if (badSignature !== undefined) {
    const detail = `${badSignature.subjectText}: the signature is not that of ${badSignature.issuerText}`;
    return { refusal: 'bad-signature', detail };
  }
  return { refusal: 'unknown-issuer', detail: `${orphan.subjectText}: issued by ${orphan.issuerText}` };
}

function judgePath(path: Path, use: CertificateUse, atMs: number, trust: Trust): Refusal | Accepted {
  const [leaf, ...authorities] = path;
  const revocation = revocationOf(path, trust.revocation, atMs);
  let date: Refusal | undefined;
  let graceEndMs: number | undefined;
  for (const fault of faultsOf(path, use, atMs, revocation)) {
    // What an outage may excuse is weighed once nothing else is found wrong.
    if (fault.refusal === 'revocation-unknown') break;
    if (fault.refusal === 'expired' && wrongDate(authorities, atMs) === undefined) {
      date = fault;
      graceEndMs = graceOf({ leaf, atMs, date }, trust.outages);
      if (graceEndMs !== undefined) continue;
    }
    return date ?? fault;
  }
  const identity = identityOf(leaf);
  if ('refusal' in identity) return identity;
  const known = forWantOf({ use, leaf, ...identity, date, revocation }, trust.outages);
  return 'refusal' in known ? known : { ...identity, ...known, goodUntilMs: graceEndMs ?? leaf.notAfterMs };
}

/** What is wrong with a path, the most telling first. Nothing after the first is looked at unless it is asked for. */
function* faultsOf(
  path: Path,
  use: CertificateUse,
  atMs: number,
  revocation: Refusal | undefined,
): Generator<Refusal> {
  const [leaf, ...authorities] = path;
  const identity = identityOf(leaf);
  const checks: readonly (() => Refusal | undefined)[] = [
    () => unknownCritical(path),
    () => wrongAuthority(authorities),
    () => (revocation?.refusal === 'revoked' ? revocation : undefined),
    () => wrongDate(path, atMs),
    () => weakKey(leaf),
    () => wrongUsage(path, USES[use].purpose),
    () => ('refusal' in identity ? identity : wrongName(leaf, identity.identity)),
    () => (revocation?.refusal === 'revoked' ? undefined : revocation),
  ];
  for (const check of checks) {
    const refusal = check();
    if (refusal !== undefined) yield refusal;
  }
}

/** A fault of a certificate, and the control in whose name it is refused. */
export interface Fault extends Refusal {
  readonly control: ControlId;
}

/**
 * Everything that a judge would find wrong with a chain, for people to read; where no path is found, with its leaf. What is
 * away at the moment excuses nothing here.
 */
export function faultsOfChain(
  chain: readonly [Certificate, ...Certificate[]],
  use: CertificateUse,
  atMs: number,
  trust: Trust,
): readonly Fault[] {
  const [leaf, ...presented] = chain;
  if (chain.length > MAX_PRESENTED) return [{ ...TOO_MANY, control: controlOf(TOO_MANY.refusal, use) }];
  const trace: SearchTrace = { badSignature: undefined, weakDigest: undefined, orphan: leaf };
  const paths = [...pathsToRoot(leaf, [...trust.authorities, ...presented], trust.roots, trace)];
  const all = paths.map((path) => [...faultsOf(path, use, atMs, revocationOf(path, trust.revocation, atMs))]);
  const [best] = all.sort((a, b) => a.length - b.length);
  const faults = best ?? [withoutPath(trace), ...faultsOf([leaf], use, atMs, undefined)];
  return faults.map((fault) => ({ ...fault, control: controlOf(fault.refusal, use) }));
}

function controlOf(refusal: CertificateRefusal, use: CertificateUse): ControlId {
  return refusal === 'revoked' || refusal === 'revocation-unknown'
    ? 'certificate-revocation'
    : USES[use].control;
}

/** `undefined` where nothing speaks against it, or where revocation is not looked at. */
function revocationOf(path: Path, source: RevocationSource | null, atMs: number): Refusal | undefined {
  if (source === null) return undefined;
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
