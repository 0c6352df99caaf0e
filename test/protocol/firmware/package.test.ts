import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../clock/index.ts';
import {
  buildFirmwarePackage,
  fillerPayload,
  PACKAGE_ENTRIES,
  readFirmwarePackage,
} from '../../../protocol/firmware/index.ts';
import { loadPersonalities } from '../../../simulator/firmware/index.ts';
import { SMALL_BILL, samplePackage } from '../../helpers/firmware.ts';

const [FIRST] = loadPersonalities('simulator/firmware/personalities');
const PERSONALITY = FIRST!;
const GOOD = samplePackage(PERSONALITY, 4_096);

const stated = (bytes: Uint8Array) => ({
  sizeBytes: bytes.length,
  digest: createHash('sha256').update(bytes).digest('hex'),
});

/** The files of a good package; what a test changes in them is what is wrong with it. */
function files(change: Record<string, Uint8Array> = {}): Record<string, Uint8Array> {
  const payload = fillerPayload(PERSONALITY, 64);
  return {
    [PACKAGE_ENTRIES.notice]: Buffer.from(
      'TEST ONLY. TRAINING, NOT FOR HUMAN USE.\nA package for simulated pumps; no real pump takes it.\n',
    ),
    [PACKAGE_ENTRIES.description]: description({}),
    [PACKAGE_ENTRIES.billOfMaterials]: SMALL_BILL,
    [PACKAGE_ENTRIES.payload]: payload,
    ...change,
  };
}

function description(change: object): Uint8Array {
  const payload = stated(fillerPayload(PERSONALITY, 64));
  const whole = {
    format: 'pumprange-firmware',
    version: 2,
    notice: 'TEST ONLY',
    personality: PERSONALITY,
    payload,
    billOfMaterials: stated(SMALL_BILL),
    ...change,
  };
  return Buffer.from(JSON.stringify(whole, null, 2));
}

const zipped = (entries: Record<string, Uint8Array>) => zipSync(entries, { mtime: new Date(1980, 0, 1) });
const reasonOf = (bytes: Uint8Array) => {
  const read = readFirmwarePackage(bytes);
  return read.personality === null ? read.reason : 'taken';
};

describe('a firmware package', () => {
  it('carries its personality, payload and bill of materials, and is the same each time it is built', () => {
    const payload = fillerPayload(PERSONALITY, 4_096);
    expect(buildFirmwarePackage(PERSONALITY, payload, SMALL_BILL)).toEqual(GOOD);
    expect(readFirmwarePackage(GOOD)).toEqual({
      personality: PERSONALITY,
      payload: Buffer.from(payload),
      billOfMaterials: SMALL_BILL,
    });
  });

  it('is built the same in every time zone', () => {
    const before = process.env['TZ'];
    try {
      process.env['TZ'] = 'Pacific/Kiritimati';
      expect(samplePackage(PERSONALITY, 4_096)).toEqual(GOOD);
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });

  it('weighs what its image weighs, and little more', () => {
    expect(samplePackage(PERSONALITY, 4 * 1024 * 1024).length).toBeLessThan(4 * 1024 * 1024 + 8_192);
  });

  it('is one that any tool for ZIP archives made', () => {
    expect(reasonOf(zipped(files()))).toBe('taken');
  });

  it.each<[string, Uint8Array, string]>([
    ['is none', Buffer.from('{}'), 'no archive: it does not end as one, or has a comment'],
    ['has a file too many', zipped(files({ 'more.txt': SMALL_BILL })), '5 entries, 4 is the most'],
    [
      'lacks its bill of materials',
      zipped(Object.fromEntries(Object.entries(files()).filter(([name]) => !name.startsWith('sbom')))),
      'sbom.cdx.json: is not there',
    ],
    [
      'does not say that it is for tests',
      zipped(files({ [PACKAGE_ENTRIES.notice]: Buffer.from('For clinical use') })),
      'TEST-ONLY.txt: does not say so',
    ],
    [
      'lies about the size of its payload',
      zipped(
        files({ 'personality.json': description({ payload: { ...stated(SMALL_BILL), sizeBytes: 3 } }) }),
      ),
      'payload.bin: 64 bytes where personality.json states 3',
    ],
    [
      'lies about the digest of its payload',
      zipped(files({ 'payload.bin': Buffer.alloc(64) })),
      'payload.bin: another digest than personality.json states',
    ],
    [
      'has another bill of materials than it says',
      zipped(files({ 'sbom.cdx.json': Buffer.from('{}') })),
      'sbom.cdx.json: 2 bytes where personality.json states 57',
    ],
    [
      'has a bill of materials of another kind',
      zipped(
        files({
          'sbom.cdx.json': Buffer.from('{"spdxVersion":"SPDX-2.3"}'),
          'personality.json': description({
            billOfMaterials: stated(Buffer.from('{"spdxVersion":"SPDX-2.3"}')),
          }),
        }),
      ),
      'sbom.cdx.json: bomFormat: Invalid input: expected "CycloneDX"',
    ],
    [
      'has a key that nobody knows',
      zipped(files({ 'personality.json': description({ colour: 'red' }) })),
      'personality.json: the file: Unrecognized key: "colour"',
    ],
    [
      'has a version that is none',
      zipped(files({ 'personality.json': description({ personality: { ...PERSONALITY, version: 'new' } }) })),
      'personality.json: personality.version: not major.minor.patch',
    ],
  ])('that %s is refused with the entry and the reason', (_, bytes, reason) => {
    expect(reasonOf(bytes)).toBe(reason);
  });

  it('names the line at which its description is no JSON', () => {
    const broken = Buffer.from('{\n  "format": "pumprange-firmware",\n  oops\n}\n');
    expect(reasonOf(zipped(files({ 'personality.json': broken })))).toMatch(
      /^personality\.json:3: no JSON: /,
    );
  });

  it('is refused in few words, however long the key that it should not have', () => {
    const long = description({ ['k'.repeat(100_000)]: 1 });
    expect(reasonOf(zipped(files({ 'personality.json': long })))).toHaveLength(200);
  });

  it('takes any bytes without an exception', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readFirmwarePackage(bytes).personality === null));
    fc.assert(fc.property(fc.json(), (text) => readFirmwarePackage(Buffer.from(text)).personality === null));
  });

  it('that was mutated is refused, or is still the same version, and never breaks the reader', () => {
    const random = seededRandom(42);
    let refused = 0;
    for (let round = 0; round < 3_000; round++) {
      const bytes = mutated(Buffer.from(GOOD), random);
      const read = readFirmwarePackage(bytes);
      if (read.personality === null) {
        refused += 1;
        expect(read.reason.length).toBeLessThanOrEqual(200);
      } else {
        expect(read.personality).toEqual(PERSONALITY);
        expect(read.payload).toEqual(Buffer.from(fillerPayload(PERSONALITY, 4_096)));
      }
    }
    // Dates and the version of the packer are nobody's business; all else is looked at.
    expect(refused).toBeGreaterThan(2_500);
  });
});

function mutated(bytes: Buffer, random: ReturnType<typeof seededRandom>): Buffer {
  const at = random.int(0, bytes.length - 1);
  // Most of a package is payload; what surrounds it deserves the blows.
  const inDirectory = Math.max(0, bytes.length - 1 - random.int(0, 300));
  switch (random.int(0, 4)) {
    case 0:
      bytes[at] = random.int(0, 255);
      bytes[inDirectory] = (bytes[inDirectory]! + 1 + random.int(0, 254)) & 255;
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 7))]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([0]), bytes.subarray(at)]);
    default:
      bytes.writeUInt32LE(0xffff_ffff, Math.min(inDirectory, bytes.length - 4));
      return bytes;
  }
}
