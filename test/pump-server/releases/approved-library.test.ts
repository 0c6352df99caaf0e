import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unsettled } from '../../../clock/index.ts';
import { PumprangeError, type Signer } from '../../../protocol/index.ts';
import {
  type Flaw,
  type LibraryDraft,
  memoryStore,
  openServerStore,
  type ServerStore,
  signLibrary,
} from '../../../pump-server/index.ts';
import { openDatabase } from '../../../pump-server/store/database.ts';
import { Bench, type FakeLink, FakePump, SERIAL, START_MS } from '../fake-link.ts';
import { DAY_MS, libraryDraft, pharmacists, releaseFirmware, siteOf } from './people.ts';

const TOPIC = 'libraries/adult-icu/release';
const BIOMED = 'urn:pumprange:biomed:biomed-01';
const LIBRARY = JSON.parse(readFileSync('simulator/drug-library/samples/adult-icu.json', 'utf8'));

interface Change extends Partial<LibraryDraft> {
  readonly signers?: readonly Signer[];
  readonly flaw?: Flaw;
  /** Of the content. */
  readonly library?: object;
}

/** A library with its own sequence number, changed as told and released as approved. */
async function release(bench: Bench, sequence: number, change: Change = {}): Promise<void> {
  const { clock, server } = bench;
  const { signers = pharmacists(clock), flaw = 'none', library = {}, ...draft } = change;
  const contentBytes = Buffer.from(JSON.stringify({ ...LIBRARY, sequence, ...library }));
  const signed = await signLibrary(
    { ...libraryDraft(clock), sequence, contentBytes, ...draft },
    signers,
    unsettled,
    flaw,
  );
  server.releaseApprovedLibrary(signed, siteOf(clock).judge({ revocation: true }), BIOMED);
}

const sequencesOn = (link: FakeLink): number[] =>
  link.on(TOPIC).map(({ payload }) => JSON.parse(payload.toString()).body.manifest.sequence);

describe('releaseApprovedLibrary', () => {
  it('publishes what two pharmacists signed, and notes who transferred it', async () => {
    const store = memoryStore();
    const bench = new Bench({ store });
    const link = bench.online();
    await release(bench, 1);
    expect(sequencesOn(link)).toEqual([1]);
    expect(link.on(TOPIC)[0]?.retain).toBe(true);
    expect(store.releases.releases()).toMatchObject([{ releasedBy: BIOMED, releasedAtMs: START_MS }]);
  });

  const refusals: readonly (readonly [string, string, (bench: Bench) => Promise<void>])[] = [
    ['nobody signed', 'PR_RELEASE_NOT_APPROVED', (bench) => release(bench, 1, { flaw: 'unsigned' })],
    [
      'one pharmacist signed',
      'PR_RELEASE_NOT_APPROVED',
      (bench) => release(bench, 1, { flaw: 'single-approver' }),
    ],
    [
      'one pharmacist signed twice',
      'PR_RELEASE_NOT_APPROVED',
      (bench) => {
        const [anna] = pharmacists(bench.clock);
        return release(bench, 1, { signers: [anna!, anna!] });
      },
    ],
    [
      'another manifest was signed',
      'PR_RELEASE_NOT_APPROVED',
      (bench) => release(bench, 1, { flaw: 'bad-signature' }),
    ],
    [
      'a biomedical engineer is the second',
      'PR_RELEASE_NOT_APPROVED',
      (bench) => {
        const [anna] = pharmacists(bench.clock);
        const biomed = siteOf(bench.clock).credentialFor({ kind: 'biomed', id: 'biomed-01' });
        return release(bench, 1, { signers: [anna!, biomed] });
      },
    ],
    [
      'the certificate of one was revoked',
      'PR_RELEASE_NOT_APPROVED',
      (bench) => {
        const signers = pharmacists(bench.clock);
        siteOf(bench.clock).revoke({ kind: 'pharmacist', id: 'pharmacist-01' }, 'keyCompromise');
        return release(bench, 1, { signers });
      },
    ],
    [
      'the approval has ended',
      'PR_RELEASE_OUTDATED',
      (bench) => release(bench, 1, { notAfterMs: START_MS - DAY_MS }),
    ],
    [
      'the content is not what was signed',
      'PR_RELEASE_INVALID',
      (bench) => release(bench, 1, { flaw: 'wrong-digest' }),
    ],
    [
      'the content is a draft',
      'PR_RELEASE_INVALID',
      (bench) => release(bench, 1, { library: { status: 'draft' } }),
    ],
    [
      'the content is of another version',
      'PR_RELEASE_INVALID',
      (bench) => release(bench, 1, { library: { version: '9.9.9' } }),
    ],
    [
      'the content is no library',
      'PR_LIBRARY_INVALID',
      (bench) => release(bench, 1, { contentBytes: Buffer.from('{}') }),
    ],
  ];
  it.each(refusals)('refuses it where %s, and changes nothing', async (_what, code, attempt) => {
    const bench = new Bench();
    const link = bench.online();
    await expect(attempt(bench)).rejects.toMatchObject({ code });
    expect(bench.server.ledger()).toEqual([]);
    expect(link.on(TOPIC)).toEqual([]);
  });

  it('puts releases that are made at once in an order, and refuses the one that does not go on from it', async () => {
    const bench = new Bench();
    const link = bench.online();
    const results = await Promise.allSettled([2, 2, 1, 3].map((sequence) => release(bench, sequence)));
    const released = results.flatMap(({ status }, index) =>
      status === 'fulfilled' ? [[2, 2, 1, 3][index]] : [],
    );
    expect(sequencesOn(link)).toEqual(released);
    expect(released).toEqual(released.toSorted());
    expect(new Set(released).size).toBe(released.length);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'PR_RELEASE_OUTDATED' });
    }
  });

  it('releases nothing that the disk does not take', async () => {
    const store = memoryStore();
    const full: ServerStore = {
      ...store,
      releases: {
        ...store.releases,
        add: () => {
          throw new PumprangeError('PR_DISK', 'full');
        },
      },
    };
    const bench = new Bench({ store: full });
    const link = bench.online();
    await expect(release(bench, 1)).rejects.toMatchObject({ code: 'PR_DISK' });
    expect([bench.server.ledger(), link.on(TOPIC)]).toEqual([[], []]);
  });
});

describe('a server that starts again on its database', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'pumprange-releases-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const path = (): string => join(dir, 'pump-server.sqlite');
  const open = () => openServerStore(path(), { newSeries: false, nowMs: START_MS });

  it('publishes what was current, serves its content, and goes on with the numbers', async () => {
    const before = new Bench({ store: open() });
    await release(before, 1);
    await release(before, 2);
    await releaseFirmware(before, { wave: ['LVP-0001'] });
    const taken = before.server.nextSequence({ model: 'lvp' });
    const ledger = before.server.ledger();
    before.server.cut();

    const after = new Bench({ store: open() });
    const link = after.online();
    expect(sequencesOn(link)).toEqual([2]);
    expect(JSON.parse(link.on('firmware/lvp/release')[0]!.payload.toString()).body.wave).toEqual([
      'LVP-0001',
    ]);
    expect(after.server.ledger()).toEqual(ledger);
    expect(after.server.nextSequence({ model: 'lvp' })).toBe(taken + 1);
    expect(after.server.nextSequence({ careArea: 'adult-icu' })).toBe(3);
    const { digest } = after.server.currentLibrary('adult-icu')!;
    after.receive(`artifacts/${digest}/request/${SERIAL}`, new FakePump().request(0, 1_000));
    expect(link.on(`artifacts/${digest}/chunk/${SERIAL}/0`)[0]?.payload).toHaveLength(1_000);
    await expect(release(after, 3, { signers: [] })).rejects.toMatchObject({
      code: 'PR_RELEASE_NOT_APPROVED',
    });
    after.server.stop();
  });

  it('refuses a database in which a release has lost its content', async () => {
    const before = new Bench({ store: open() });
    await release(before, 1);
    before.server.cut();
    const database = openDatabase(path());
    database.exec('PRAGMA foreign_keys = OFF');
    database.exec('DELETE FROM artifacts');
    database.close();
    const store = open();
    expect(() => new Bench({ store })).toThrow(expect.objectContaining({ code: 'PR_EVENT_STORE_INVALID' }));
    store.close();
  });
});
