import { describe, expect, it } from 'vitest';
import { QuietWire, unsettled } from '../../../clock/index.ts';
import {
  CONTROL_IDS,
  type FirmwareManifest,
  firmwareReleaseMessage,
  type LibraryManifest,
  libraryReleaseMessage,
  parseMessage,
  verifySignatures,
} from '../../../protocol/index.ts';
import { signLibrary } from '../../../pump-server/index.ts';
import { acceptLibrary } from '../../../simulator/drug-library/index.ts';
import { acceptFirmware } from '../../../simulator/firmware/index.ts';
import { ceilingOf } from '../../helpers/ceiling.ts';
import { Bench, FakeLink, FakePump, type Published, SERIAL, turns } from '../fake-link.ts';
import {
  libraryDraft,
  NEWER,
  PERSONALITIES,
  pharmacists,
  releaseFirmware,
  releaseLibrary,
  siteOf,
} from './people.ts';

const LIBRARY_TOPIC = 'libraries/adult-icu/release';
const FIRMWARE_TOPIC = 'firmware/lvp/release';
const controls = new Set(CONTROL_IDS);
const older = PERSONALITIES.find(({ model, version }) => model === 'lvp' && version === '1.2.0') ?? NEWER;
const sequenceOn = ({ payload }: Published): number => JSON.parse(payload.toString()).body.manifest.sequence;

/** All bytes of an artefact, as a pump fetches them. */
function fetched(bench: Bench, digest: string): Buffer {
  const pump = new FakePump();
  const parts: Buffer[] = [];
  for (let offset = 0; ; ) {
    bench.receive(`artifacts/${digest}/request/${SERIAL}`, pump.request(offset, 65_536));
    const chunk = bench.link.on(`artifacts/${digest}/chunk/${SERIAL}/${offset}`).at(-1);
    if (chunk === undefined) return Buffer.concat(parts);
    parts.push(chunk.payload);
    offset += chunk.payload.length;
  }
}

/** What a pump with every control makes of the last release of the library topic. */
function judgedLibrary(bench: Bench) {
  const { payload } = bench.link.on(LIBRARY_TOPIC).at(-1)!;
  const parsed = parseMessage(libraryReleaseMessage, payload);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { manifest } = parsed.message.body;
  return acceptLibrary({
    manifest,
    contentBytes: fetched(bench, manifest.digest),
    ceiling: ceilingOf('adult-icu'),
    signers: signersOf(bench, manifest),
    running: { careArea: 'adult-icu', model: 'lvp', firmwareVersion: older.version, sequence: null },
    controls,
    weaknesses: [],
    nowMs: bench.clock.now(),
  });
}

function judgedFirmware(bench: Bench) {
  const { payload } = bench.link.on(FIRMWARE_TOPIC).at(-1)!;
  const parsed = parseMessage(firmwareReleaseMessage, payload);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { manifest } = parsed.message.body;
  return acceptFirmware({
    manifest,
    packageBytes: fetched(bench, manifest.digest),
    signers: signersOf(bench, manifest),
    running: {
      personality: { ...NEWER, weaknesses: [] },
      highestEpoch: 0,
      residentComponents: [{ name: 'bootloader', version: '1.4.0' }],
    },
    controls,
    nowMs: bench.clock.now(),
  });
}

function signersOf(bench: Bench, manifest: LibraryManifest | FirmwareManifest) {
  const judge = siteOf(bench.clock).judge({ revocation: false });
  return (['code-signing', 'message-signing'] as const).flatMap((use) =>
    verifySignatures(manifest, judge, use, bench.clock.now()).flatMap((verdict) =>
      verdict.accepted ? [{ identity: verdict.identity }] : [],
    ),
  );
}

describe('releases', () => {
  it('of a library are retained and hold at a pump with every control', async () => {
    const bench = new Bench();
    const link = bench.online();
    await releaseLibrary(bench);
    expect(link.on(LIBRARY_TOPIC)).toMatchObject([{ qos: 1, retain: true }]);
    expect(judgedLibrary(bench)).toMatchObject({ accepted: true });
    expect(bench.seen('release.published')).toMatchObject([
      { source: 'pump-server', visibility: 'blue', object: `${LIBRARY_TOPIC} 1.0.0` },
    ]);
  });

  it.each([
    ['bad-signature', 'signed-library', 'no valid signature of a pharmacist'],
    ['wrong-digest', 'signed-library', 'the digest does not fit'],
    ['single-approver', 'dual-approval', '1 of 2 different pharmacists signed'],
  ] as const)('of a library with %s are refused by %s', async (flaw, control, reason) => {
    const bench = new Bench();
    bench.online();
    await releaseLibrary(bench, { flaw });
    expect(judgedLibrary(bench)).toEqual({ accepted: false, control, reason });
  });

  it('of firmware are retained and hold at a pump with every control', async () => {
    const bench = new Bench();
    const link = bench.online();
    await releaseFirmware(bench, { wave: [SERIAL] });
    expect(link.on(FIRMWARE_TOPIC)).toMatchObject([{ qos: 1, retain: true }]);
    expect(judgedFirmware(bench)).toMatchObject({ accepted: true });
  });

  it.each([
    ['unsigned', 'signed-firmware', 'no valid signature of the vendor'],
    ['bad-signature', 'signed-firmware', 'no valid signature of the vendor'],
    ['wrong-digest', 'signed-firmware', 'the digest does not fit'],
  ] as const)('of firmware with %s are refused by %s', async (flaw, control, reason) => {
    const bench = new Bench();
    bench.online();
    await releaseFirmware(bench, { flaw });
    expect(judgedFirmware(bench)).toEqual({ accepted: false, control, reason });
  });

  it('that are current go to every new session, and only those', async () => {
    const bench = new Bench();
    await releaseLibrary(bench);
    await releaseLibrary(bench, { version: '1.1.0', sequence: 2 });
    await releaseFirmware(bench);
    expect(bench.seen('release.published')).toEqual([]); // nobody has it yet
    for (let session = 0; session < 2; session += 1) {
      const link = bench.online();
      await turns();
      expect(link.published.map(({ topic, retain }) => [topic, retain])).toEqual([
        [LIBRARY_TOPIC, true],
        [FIRMWARE_TOPIC, true],
      ]);
      expect(link.on(LIBRARY_TOPIC).map(sequenceOn)).toEqual([2]);
      bench.offline();
    }
    expect(bench.seen('release.published').map(({ object }) => object)).toEqual([
      `${LIBRARY_TOPIC} 1.1.0`,
      `${FIRMWARE_TOPIC} 1.1.0`,
    ]);
  });

  it('are not called published while no broker has taken them', async () => {
    const bench = new Bench();
    const broken = new FakeLink();
    broken.broken = true;
    bench.online(broken);
    await releaseLibrary(bench);
    await turns();
    expect(bench.seen('release.published')).toEqual([]);
    expect(bench.server.ledger()).toHaveLength(1);
    bench.online();
    await turns();
    expect(bench.seen('release.published')).toHaveLength(1);
  });

  it('are numbered for each care area and model, and the ledger says what was released when', async () => {
    const bench = new Bench();
    bench.online();
    await releaseLibrary(bench, { sequence: 4 });
    bench.clock.moveTo(bench.clock.now() + 1_000);
    const sequence = bench.server.nextSequence({ careArea: 'adult-icu' });
    await releaseLibrary(bench, { version: '1.0.1', sequence });
    await releaseLibrary(bench, { careArea: 'adult-ward' });
    await releaseFirmware(bench, { flaw: 'unsigned' });
    expect(
      bench.server
        .ledger()
        .map(({ target, version, sequence, signatures }) => [target, version, sequence, signatures]),
    ).toEqual([
      [{ careArea: 'adult-icu' }, '1.0.0', 4, 2],
      [{ careArea: 'adult-icu' }, '1.0.1', 5, 2],
      [{ careArea: 'adult-ward' }, '1.0.0', 1, 2],
      [{ model: 'lvp' }, '1.1.0', 1, 0],
    ]);
    const [first, second] = bench.server.ledger();
    expect(second!.releasedAtMs - first!.releasedAtMs).toBe(1_000);
    expect(bench.server.nextSequence({ careArea: 'adult-icu' })).toBe(6);
    expect(bench.server.nextSequence({ careArea: 'adult-icu' }, 10)).toBe(10);
  });

  it('are signed as held work: the lockstep waits for it', async () => {
    const wire = new QuietWire();
    const bench = new Bench();
    let isSigned = false;
    const signed = signLibrary(libraryDraft(bench.clock), pharmacists(bench.clock), wire);
    signed.then(() => {
      isSigned = true;
    });
    await turns();
    expect(isSigned).toBe(false);
    await wire.settle();
    expect((await signed).manifest.signatures).toHaveLength(2);
  });

  it('whose content is not what the manifest names are refused, unless the server lies', async () => {
    const bench = new Bench();
    const link = bench.online();
    const signed = await signLibrary(
      libraryDraft(bench.clock),
      pharmacists(bench.clock),
      unsettled,
      'wrong-digest',
    );
    expect(() => bench.server.releaseLibrary(signed)).toThrow('not what the manifest names');
    expect(link.published).toEqual([]);
    expect(bench.server.ledger()).toEqual([]);
    bench.server.releaseLibrary(signed, { unchecked: true });
    expect(link.published).toHaveLength(1);
  });

  it.each([
    ['a version that is none', { version: '1.0' }, 'libraryVersion: not major.minor.patch'],
    ['no content', { contentBytes: Buffer.alloc(0) }, 'sizeBytes: '],
    ['a care area that is no level of a topic', { careArea: 'a/b' }, 'libraries/a/b/release is not a topic'],
  ])('with %s are refused, and what was there stays', async (_what, wrong, message) => {
    const bench = new Bench();
    const link = bench.online();
    await releaseLibrary(bench);
    const refused = releaseLibrary(bench, { ...wrong });
    await expect(refused).rejects.toMatchObject({
      code: 'PR_RELEASE_INVALID',
      message: expect.stringContaining(message),
    });
    expect(bench.server.ledger()).toHaveLength(1);
    expect(link.published).toHaveLength(1);
    // One that failed does not hold up the next.
    await releaseLibrary(bench, { sequence: 2 });
    expect(link.published).toHaveLength(2);
  });

  it('with a wave that no pump would read are refused', async () => {
    const bench = new Bench();
    const wave = Array.from({ length: 10_000 }, (_, index) => `LVP-${index}`);
    await expect(releaseFirmware(bench, { wave })).rejects.toMatchObject({ code: 'PR_RELEASE_INVALID' });
  });
});
