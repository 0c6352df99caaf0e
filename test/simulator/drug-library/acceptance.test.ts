import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONTROL_IDS, type Identity, type LibraryManifest } from '../../../protocol/index.ts';
import { acceptLibrary, type LibraryOffer } from '../../../simulator/drug-library/index.ts';
import { ceilingOf } from '../../helpers/ceiling.ts';

const BYTES = readFileSync('simulator/drug-library/samples/adult-icu.json');
const NOW_MS = Date.parse('2026-03-01T08:00:00.000Z');
const ALICE: Identity = { kind: 'pharmacist', id: 'alice' };
const BOB: Identity = { kind: 'pharmacist', id: 'bob' };

type Body = LibraryManifest;

function offer(change: Partial<LibraryOffer> = {}, body: Partial<Body> = {}): LibraryOffer {
  return {
    manifest: {
      document: 'library-manifest',
      version: 1,
      library: 'adult-icu',
      sequence: 1,
      libraryVersion: '1.0.0',
      careArea: 'adult-icu',
      models: ['lvp'],
      minimumFirmware: '1.0.0',
      digest: createHash('sha256').update(BYTES).digest('hex'),
      sizeBytes: BYTES.length,
      notAfter: '2026-04-01T00:00:00.000Z',
      ...body,
    },
    contentBytes: BYTES,
    ceiling: ceilingOf('adult-icu'),
    signers: [{ identity: ALICE }, { identity: BOB }],
    running: { careArea: 'adult-icu', model: 'lvp', firmwareVersion: '1.2.0', sequence: 1 },
    controls: new Set(CONTROL_IDS),
    weaknesses: [],
    nowMs: NOW_MS,
    ...change,
  };
}

const without = (...off: string[]) => new Set(CONTROL_IDS.filter((id) => !off.includes(id)));
const signedBy = (...identities: Identity[]) => identities.map((identity) => ({ identity }));

describe('an offered library', () => {
  it('is accepted when everything holds', () => {
    expect(acceptLibrary(offer())).toMatchObject({ accepted: true, library: { id: 'adult-icu' } });
  });

  it.each<[string, LibraryOffer, string | null]>([
    ['nobody signed', offer({ signers: [] }), 'signed-library'],
    [
      'only others than pharmacists signed',
      offer({ signers: signedBy({ kind: 'vendor', id: 'acme' }) }),
      'signed-library',
    ],
    ['one pharmacist signed', offer({ signers: signedBy(ALICE) }), 'dual-approval'],
    ['one pharmacist signed twice', offer({ signers: signedBy(ALICE, ALICE) }), 'dual-approval'],
    ['the release has expired', offer({ nowMs: Date.parse('2026-05-01T00:00:00.000Z') }), 'release-expiry'],
    [
      'it goes back behind the one in use',
      offer({ running: { ...offer().running, sequence: 2 } }),
      'release-expiry',
    ],
    [
      'the content was changed after signing',
      offer({ contentBytes: Buffer.from(BYTES.toString('utf8').replace('75', '95')) }),
      'signed-library',
    ],
    ['the content has another size', offer({ contentBytes: BYTES.subarray(1) }), 'signed-library'],
    [
      'it goes beyond the ceiling',
      offer({ ceiling: ceilingOf('adult-icu', { hardMax: { propofol: 94 } }) }),
      'library-ceiling',
    ],
    ['the pump has no ceiling', offer({ ceiling: null }), 'library-ceiling'],
    ['it is for another care area', offer({}, { careArea: 'paediatrics' }), null],
    ['it is for another model', offer({}, { models: ['pca'] }), null],
    ['it needs newer firmware', offer({}, { minimumFirmware: '1.10.0' }), null],
    ['the release names another version', offer({}, { libraryVersion: '9.0.0' }), null],
  ])('is refused when %s', (_, given, control) => {
    expect(acceptLibrary(given)).toMatchObject({ accepted: false, control });
  });

  it.each<[string, LibraryOffer]>([
    ['signed-library', offer({ signers: [], controls: without('signed-library', 'dual-approval') })],
    ['dual-approval', offer({ signers: signedBy(ALICE), controls: without('dual-approval') })],
    ['release-expiry', offer({ nowMs: NOW_MS * 2, controls: without('release-expiry') })],
    ['library-ceiling', offer({ ceiling: null, controls: without('library-ceiling') })],
  ])('passes once %s is off', (_, given) => {
    expect(acceptLibrary(given).accepted).toBe(true);
  });

  it('passes once the firmware has the weakness, whatever the posture', () => {
    expect(acceptLibrary(offer({ signers: [], weaknesses: ['accepts-unsigned-library'] })).accepted).toBe(
      true,
    );
    const stale = offer({
      running: { ...offer().running, sequence: 2 },
      weaknesses: ['accepts-stale-library'],
    });
    expect(acceptLibrary(stale).accepted).toBe(true);
    expect(acceptLibrary(offer({ ceiling: null, weaknesses: ['knows-no-ceiling'] })).accepted).toBe(true);
  });

  it.each(['draft', 'approved'])('is refused as %s, whoever signed it and whatever the posture', (status) => {
    const contentBytes = Buffer.from(JSON.stringify({ ...JSON.parse(BYTES.toString()), status }));
    const digest = createHash('sha256').update(contentBytes).digest('hex');
    for (const controls of [new Set(CONTROL_IDS), new Set<never>()]) {
      const verdict = acceptLibrary(
        offer({ contentBytes, controls }, { digest, sizeBytes: contentBytes.length }),
      );
      expect(verdict).toEqual({
        accepted: false,
        control: null,
        reason: `its status is ${status}, not released`,
      });
    }
  });

  it('is refused with a wrong digest even where nothing is signed', () => {
    const given = offer({
      contentBytes: Buffer.concat([BYTES.subarray(0, -1), Buffer.from(' ')]),
      controls: new Set(),
    });
    expect(acceptLibrary(given)).toMatchObject({ accepted: false, control: null });
  });
});
