import { createHash } from 'node:crypto';
import { z } from 'zod';
import { shortText } from '../short-text.ts';
import { readArchive, writeArchive } from './archive.ts';
import { readJsonEntry } from './json-entry.ts';
import { type FirmwarePersonality, personalitySchema } from './personality.ts';

/** The files of a package, in their order. */
export const PACKAGE_ENTRIES = {
  notice: 'TEST-ONLY.txt',
  description: 'personality.json',
  billOfMaterials: 'sbom.cdx.json',
  payload: 'payload.bin',
} as const;

const NOTICE =
  'TEST ONLY. TRAINING, NOT FOR HUMAN USE.\nA package for simulated pumps; no real pump takes it.\n';

/** A pump has room for so much, inflated. */
const LARGEST_BYTES = 64 * 1024 * 1024;
const LIMITS = { mostEntries: Object.keys(PACKAGE_ENTRIES).length, mostInflatedBytes: LARGEST_BYTES };
/** A description is read into memory as JSON; nobody needs more. */
const LONGEST_JSON_BYTES = 1024 * 1024;

const stated = z.strictObject({
  sizeBytes: z.int().nonnegative(),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

/** `personality.json`: what the version is like, and what the other files must be. */
const descriptionSchema = z.strictObject({
  format: z.literal('pumprange-firmware'),
  version: z.literal(2),
  notice: z.literal('TEST ONLY'),
  personality: personalitySchema,
  payload: stated,
  billOfMaterials: stated,
});

/** As much as a pump looks at; `firmware verify` validates the whole against the schema of CycloneDX. */
const billSchema = z.looseObject({ bomFormat: z.literal('CycloneDX'), specVersion: z.literal('1.6') });

/** A payload that stands in for code; its content follows from model and version, so builds are reproducible. */
export function fillerPayload({ model, version }: FirmwarePersonality, sizeBytes: number): Uint8Array {
  return Buffer.alloc(sizeBytes, `${model} ${version} TEST ONLY `, 'utf8');
}

/**
 * Builds a package: a ZIP archive with the personality, the bill of materials and the payload. The same input gives the same bytes. The
 * payload is stored as it is, so that an image weighs on the wire what it weighs in a pump.
 *
 * @param billOfMaterials CycloneDX 1.6, JSON
 */
export function buildFirmwarePackage(
  personality: FirmwarePersonality,
  payload: Uint8Array,
  billOfMaterials: Uint8Array,
): Uint8Array {
  const description = {
    format: 'pumprange-firmware',
    version: 2,
    notice: 'TEST ONLY',
    personality,
    payload: statedOf(payload),
    billOfMaterials: statedOf(billOfMaterials),
  } satisfies z.input<typeof descriptionSchema>;
  return writeArchive([
    { name: PACKAGE_ENTRIES.notice, bytes: Buffer.from(NOTICE) },
    { name: PACKAGE_ENTRIES.description, bytes: Buffer.from(`${JSON.stringify(description, null, 2)}\n`) },
    { name: PACKAGE_ENTRIES.billOfMaterials, bytes: billOfMaterials },
    { name: PACKAGE_ENTRIES.payload, bytes: payload, stored: true },
  ]);
}

export type ReadFirmwarePackage =
  | {
      readonly personality: FirmwarePersonality;
      readonly payload: Buffer;
      readonly billOfMaterials: Buffer;
    }
  | { readonly personality: null; readonly reason: string };

/** What is in a package, or why the bytes are no package, in few words and with the entry. Any bytes are fine as input. */
export function readFirmwarePackage(bytes: Uint8Array): ReadFirmwarePackage {
  const archive = readArchive(bytes, LIMITS);
  if (!archive.ok) return refuse(archive.reason);
  const { entries } = archive;
  const [notice, description, billOfMaterials, payload] = Object.values(PACKAGE_ENTRIES).map((name) =>
    entries.get(name),
  );
  if (!notice || !description || !billOfMaterials || !payload || entries.size !== LIMITS.mostEntries) {
    const wanted = Object.values(PACKAGE_ENTRIES);
    const missing = wanted.find((name) => !entries.has(name));
    return refuse(missing === undefined ? 'a file too many' : `${missing}: is not there`);
  }
  if (!notice.equals(Buffer.from(NOTICE))) return refuse(`${PACKAGE_ENTRIES.notice}: does not say so`);
  const described = readJsonEntry(
    PACKAGE_ENTRIES.description,
    description,
    descriptionSchema,
    LONGEST_JSON_BYTES,
  );
  if (!described.ok) return refuse(described.reason);
  const { personality } = described.value;
  for (const [name, content, says] of [
    [PACKAGE_ENTRIES.payload, payload, described.value.payload],
    [PACKAGE_ENTRIES.billOfMaterials, billOfMaterials, described.value.billOfMaterials],
  ] as const) {
    const lie = mismatch(content, says);
    if (lie !== undefined) return refuse(`${name}: ${lie}`);
  }
  const bill = readJsonEntry(
    PACKAGE_ENTRIES.billOfMaterials,
    billOfMaterials,
    billSchema,
    LONGEST_JSON_BYTES,
  );
  if (!bill.ok) return refuse(bill.reason);
  return { personality, payload, billOfMaterials };
}

function statedOf(content: Uint8Array): z.infer<typeof stated> {
  return { sizeBytes: content.length, digest: createHash('sha256').update(content).digest('hex') };
}

function mismatch(content: Uint8Array, says: z.infer<typeof stated>): string | undefined {
  if (content.length !== says.sizeBytes) {
    return `${content.length} bytes where ${PACKAGE_ENTRIES.description} states ${says.sizeBytes}`;
  }
  return statedOf(content).digest === says.digest
    ? undefined
    : `another digest than ${PACKAGE_ENTRIES.description} states`;
}

function refuse(reason: string): { readonly personality: null; readonly reason: string } {
  return { personality: null, reason: shortText(reason) };
}
