import {
  type FirmwarePersonality,
  PACKAGE_ENTRIES,
  readFirmwarePackage,
  sameDependencies,
} from '../../protocol/firmware/index.ts';
import {
  type CertificateJudge,
  type FirmwareManifest,
  type Identity,
  type SignatureVerdict,
  verifySignatures,
} from '../../protocol/index.ts';
import { digestOf } from '../digest.ts';
import type { SignedFirmware } from '../releases/flawed-release.ts';
import { billFaults, componentsOf } from './bill-of-materials.ts';

/** One thing that was looked at, in words for people. */
export interface FirmwareFinding {
  readonly what: string;
  readonly holds: boolean;
  readonly detail: string;
}

/**
 * Looks at a firmware artefact as a pump would, and at its bill of materials, which no pump looks at. Everything is looked at, also after
 * something that does not hold. Any content is fine as input.
 *
 * @param judge one that knows what is revoked
 */
export async function verifyFirmware(
  { manifest, packageBytes }: SignedFirmware,
  judge: CertificateJudge,
  nowMs: number,
): Promise<readonly FirmwareFinding[]> {
  const read = readFirmwarePackage(packageBytes);
  return [
    ...signatureFindings(manifest, judge, nowMs),
    expiryFinding(manifest, nowMs),
    ...bytesFindings(manifest, packageBytes),
    ...(read.personality === null
      ? [{ what: 'package', holds: false, detail: read.reason }]
      : [
          packageFinding(manifest, read.personality),
          await billFinding(read.billOfMaterials, read.personality),
        ]),
  ];
}

/** Who has signed, validly: a vendor as code, people as messages. Neither counts for the other. */
export function validSigners(
  manifest: FirmwareManifest,
  judge: CertificateJudge,
  nowMs: number,
): readonly Identity[] {
  return judgedSignatures(manifest, judge, nowMs).flatMap((verdict) =>
    verdict.accepted ? [verdict.identity] : [],
  );
}

function judgedSignatures(
  manifest: FirmwareManifest,
  judge: CertificateJudge,
  nowMs: number,
): readonly SignatureVerdict[] {
  const asMessage = verifySignatures(manifest, judge, 'message-signing', nowMs);
  return verifySignatures(manifest, judge, 'code-signing', nowMs).map((asCode, index) => {
    const other = asMessage[index];
    if (asCode.accepted && asCode.identity.kind === 'vendor') return asCode;
    if (other?.accepted === true && other.identity.kind !== 'vendor') return other;
    // Of two refusals the one says more that is not about the purpose of the certificate.
    return other !== undefined && !other.accepted && isOfUsage(asCode) ? other : asCode;
  });
}

function isOfUsage(verdict: SignatureVerdict): boolean {
  return !verdict.accepted && verdict.certificate?.refusal === 'wrong-usage';
}

function signatureFindings(
  manifest: FirmwareManifest,
  judge: CertificateJudge,
  nowMs: number,
): FirmwareFinding[] {
  const verdicts = judgedSignatures(manifest, judge, nowMs);
  const signedBy = (kind: Identity['kind']): boolean =>
    verdicts.some((verdict) => verdict.accepted && verdict.identity.kind === kind);
  const findings = verdicts.map((verdict, index): FirmwareFinding => {
    const what = `signature ${index + 1}`;
    if (!verdict.accepted) return { what, holds: false, detail: refusalText(verdict) };
    const { kind, id } = verdict.identity;
    const until = new Date(verdict.notAfterMs).toISOString().slice(0, 10);
    const usage = kind === 'vendor' ? 'code' : 'messages';
    const path = `its certificate leads to the root of this site, is for signing ${usage}, holds until ${until} and is not revoked`;
    return { what, holds: true, detail: `made by ${kind} ${id}; ${path}` };
  });
  return [
    ...findings,
    signedBy('vendor')
      ? { what: 'vendor', holds: true, detail: 'a vendor vouches for the package' }
      : { what: 'vendor', holds: false, detail: 'no valid signature of a vendor' },
    signedBy('biomed')
      ? { what: 'hospital', holds: true, detail: 'biomedical engineering has accepted it' }
      : { what: 'hospital', holds: false, detail: 'no valid signature of biomedical engineering' },
  ];
}

function refusalText(verdict: Extract<SignatureVerdict, { accepted: false }>): string {
  const { refusal, detail, certificate } = verdict;
  return `${certificate?.refusal ?? refusal}: ${detail}`;
}

function expiryFinding({ notAfter }: FirmwareManifest, nowMs: number): FirmwareFinding {
  const holds = Date.parse(notAfter) > nowMs;
  return {
    what: 'time',
    holds,
    detail: holds ? `the release holds until ${notAfter}` : `it expired at ${notAfter}`,
  };
}

function bytesFindings({ digest, sizeBytes }: FirmwareManifest, packageBytes: Uint8Array): FirmwareFinding[] {
  const sameSize = packageBytes.length === sizeBytes;
  const is = digestOf(packageBytes);
  return [
    {
      what: 'size',
      holds: sameSize,
      detail: sameSize
        ? `${sizeBytes} bytes`
        : `${packageBytes.length} bytes where the manifest says ${sizeBytes}`,
    },
    {
      what: 'digest',
      holds: is === digest,
      detail: is === digest ? `SHA-256 ${digest}` : `SHA-256 ${is} where the manifest says ${digest}`,
    },
  ];
}

function packageFinding(manifest: FirmwareManifest, personality: FirmwarePersonality): FirmwareFinding {
  const differences = [
    personality.model === manifest.model ? [] : ['model'],
    personality.version === manifest.firmwareVersion ? [] : ['version'],
    personality.securityEpoch === manifest.securityEpoch ? [] : ['security epoch'],
    sameDependencies(personality.dependencies, manifest.dependencies ?? []) ? [] : ['dependencies'],
  ].flat();
  const { model, version, securityEpoch } = personality;
  return {
    what: 'package',
    holds: differences.length === 0,
    detail:
      differences.length === 0
        ? `${model} ${version}, security epoch ${securityEpoch}, as the manifest says`
        : `another ${differences.join(' and ')} than the manifest says`,
  };
}

async function billFinding(bill: Uint8Array, personality: FirmwarePersonality): Promise<FirmwareFinding> {
  const what = 'bill of materials';
  const [first, ...more] = await billFaults(bill);
  if (first !== undefined) {
    const rest = more.length === 0 ? '' : `, and ${more.length} faults more`;
    return { what, holds: false, detail: `no CycloneDX 1.6: ${first}${rest}` };
  }
  const named = componentsOf(bill, PACKAGE_ENTRIES.billOfMaterials);
  if (!named.ok) return { what, holds: false, detail: named.reason };
  const listed = new Set(named.value.map(({ name, version }) => `${name} ${version}`));
  const missing = personality.components.filter(({ name, version }) => !listed.has(`${name} ${version}`));
  if (missing.length > 0) {
    const names = missing.map(({ name, version }) => `${name} ${version}`);
    return { what, holds: false, detail: `it does not name ${names.join(', ')}` };
  }
  return { what, holds: true, detail: `valid CycloneDX 1.6 with ${listed.size} components` };
}
