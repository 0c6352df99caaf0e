import type { CertificateRefusal, CertificateUse, ControlId } from '../../protocol/index.ts';
import type { IssuedCertificate } from '../authority/register.ts';
import { faultsOfChain, type Trust } from '../validation/judge.ts';
import { type Certificate, parseCertificate } from '../x509/certificate.ts';
import { type CertificateFacts, certificateFacts, crlFacts, type Facts } from './facts.ts';
import { MEANINGS } from './meanings.ts';
import { readInput } from './read-input.ts';
import { requestFacts } from './request-facts.ts';

export interface Judgement {
  readonly use: CertificateUse;
  readonly accepted: boolean;
  /** Every check that it fails, the one that would be named first. */
  readonly faults: readonly {
    readonly refusal: CertificateRefusal;
    readonly control: ControlId;
    readonly detail: string;
    /** In plain words. */
    readonly meaning: string;
  }[];
}

/** How this place would take what was shown. */
export interface Standing {
  /** Whose trust it was judged by. */
  readonly by: 'site' | 'manufacturer';
  /** ISO 8601. */
  readonly at: string;
  /** The first certificate in the register; `null`: not issued here, or not noted. */
  readonly register: { readonly revoked: string | null; readonly defect: string | null } | null;
  /** Of an authority: whether it is one that is trusted. Such a certificate is judged for no use. */
  readonly trustedAuthority: boolean;
  readonly judgements: readonly Judgement[];
}

export interface Inspection {
  readonly version: 1;
  readonly items: readonly Facts[];
  /** `null`: there is no PKI to judge by, or no certificate to be judged. */
  readonly standing: Standing | null;
}

/** What an inspection needs of a PKI. */
export interface InspectionBasis {
  readonly by: Standing['by'];
  readonly trust: Trust;
  find(serialNumber: string): IssuedCertificate | undefined;
}

const USES_OF_PURPOSES: Readonly<Record<string, CertificateUse>> = {
  clientAuth: 'tls-client',
  serverAuth: 'tls-server',
  messageSigning: 'message-signing',
  uplinkSigning: 'uplink-signing',
  codeSigning: 'code-signing',
};

/**
 * Explains certificates (a chain leaf first), requests and revocation lists in PEM or DER, whoever made them.
 * @param bases the places to judge by; of several the first under whose root it stands, else the first.
 * Throws PR_PKI_NO_CERTIFICATE.
 */
export function inspect(bytes: Buffer, bases: readonly InspectionBasis[], atMs: number): Inspection {
  const inputs = readInput(bytes);
  const items = inputs.map(({ kind, der }): Facts => {
    if (kind === 'certificate') return certificateFacts(der);
    return kind === 'request' ? requestFacts(der) : crlFacts(der);
  });
  const ders = inputs.flatMap(({ kind, der }) => (kind === 'certificate' ? [der] : []));
  const leaf = items.find((one): one is CertificateFacts => one.kind === 'certificate');
  const standings = leaf === undefined ? [] : bases.map((basis) => standingOf(leaf, ders, basis, atMs));
  const known = standings.find(
    ({ trustedAuthority, judgements }) => trustedAuthority || judgements.some(isOfHere),
  );
  return { version: 1, items, standing: known ?? standings[0] ?? null };
}

/** What is refused for its issuer is somebody else's; anything else is of here, good or bad. */
function isOfHere({ faults }: Judgement): boolean {
  return !faults.some(({ refusal }) => refusal === 'unknown-issuer' || refusal === 'malformed');
}

function standingOf(
  leaf: CertificateFacts,
  ders: readonly Buffer[],
  { by, trust, find }: InspectionBasis,
  atMs: number,
): Standing {
  const noted = find(leaf.serialNumber);
  const register = noted?.fingerprint === leaf.fingerprint ? noted : undefined;
  const trusted = [...trust.roots, ...trust.authorities].some(
    ({ fingerprint }) => fingerprint === leaf.fingerprint,
  );
  return {
    by,
    at: new Date(atMs).toISOString(),
    register:
      register === undefined
        ? null
        : { revoked: register.revoked?.reason ?? null, defect: register.defect ?? null },
    trustedAuthority: trusted,
    judgements: trusted ? [] : usesOf(leaf).map((use) => judgementOf(leaf, ders, use, trust, atMs)),
  };
}

/** The uses that it claims; one that claims none is most likely to be tried as a client's. */
function usesOf({ purposes }: CertificateFacts): readonly CertificateUse[] {
  const uses = (purposes ?? []).flatMap((purpose) => USES_OF_PURPOSES[purpose] ?? []);
  return uses.length === 0 || !uses.includes('tls-client') ? [...uses, 'tls-client'] : uses;
}

function judgementOf(
  leaf: CertificateFacts,
  ders: readonly Buffer[],
  use: CertificateUse,
  trust: Trust,
  atMs: number,
): Judgement {
  const explain = (fault: { refusal: CertificateRefusal; control: ControlId; detail: string }) => ({
    ...fault,
    meaning: MEANINGS[fault.refusal],
  });
  if (leaf.unreadable !== null) {
    const control = use === 'tls-server' ? 'server-identity' : 'mutual-tls';
    return {
      use,
      accepted: false,
      faults: [explain({ refusal: 'malformed', control, detail: leaf.unreadable })],
    };
  }
  const [first, ...rest] = ders.flatMap(readable);
  if (first === undefined) return { use, accepted: false, faults: [] };
  const faults = faultsOfChain([first, ...rest], use, atMs, trust).map(explain);
  return { use, accepted: faults.length === 0, faults };
}

function readable(der: Buffer): readonly Certificate[] {
  try {
    return [parseCertificate(der)];
  } catch {
    return [];
  }
}
