import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unsettled } from '../../../clock/index.ts';
import type { Kind, LibraryCeiling } from '../../../protocol/index.ts';
import { openServerStore, signDocument } from '../../../pump-server/index.ts';
import { ceilingOf } from '../../helpers/ceiling.ts';
import { tempFolder } from '../../helpers/command.ts';
import { Bench, START_MS } from '../fake-link.ts';
import { siteOf } from '../releases/people.ts';

const TOPIC = 'ceilings/adult-icu/release';
const BIOMED = 'urn:pumprange:biomed:biomed-01';

function signed(bench: Bench, kind: Kind, change: Partial<LibraryCeiling> = {}): Promise<LibraryCeiling> {
  const signer = siteOf(bench.clock).credentialFor({ kind, id: `${kind}-01` });
  return signDocument(ceilingOf('adult-icu', change), [signer], unsettled);
}

const judgeOf = (bench: Bench) => siteOf(bench.clock).judge({ revocation: true });

describe('a ceiling', () => {
  it('goes out retained, once for each care area, and again to every broker', async () => {
    const bench = new Bench();
    bench.online();
    const careAreas = ['adult-icu', 'adult-ward'];
    bench.server.releaseApprovedDocument(
      await signed(bench, 'clinical-engineer', { careAreas }),
      judgeOf(bench),
      BIOMED,
    );
    for (const careArea of careAreas) {
      expect(bench.link.on(`ceilings/${careArea}/release`)).toMatchObject([{ qos: 1, retain: true }]);
      expect(bench.server.currentDocument('library-ceiling', careArea)?.sequence).toBe(1);
    }
    bench.online();
    expect(bench.link.on(TOPIC)).toHaveLength(1);
  });

  it.each<[string, (bench: Bench) => Promise<LibraryCeiling>, string]>([
    ['a pharmacist signed', (bench) => signed(bench, 'pharmacist'), 'PR_RELEASE_NOT_APPROVED'],
    ['a biomedical engineer signed', (bench) => signed(bench, 'biomed'), 'PR_RELEASE_NOT_APPROVED'],
    ['nobody signed', async () => ceilingOf('adult-icu'), 'PR_RELEASE_NOT_APPROVED'],
    [
      'has ended',
      (bench) => signed(bench, 'clinical-engineer', { notAfter: '2026-01-01T00:00:00.000Z' }),
      'PR_RELEASE_OUTDATED',
    ],
  ])('that %s is not released', async (_, made, code) => {
    const bench = new Bench();
    bench.online();
    const document = await made(bench);
    expect(() => bench.server.releaseApprovedDocument(document, judgeOf(bench), BIOMED)).toThrow(
      expect.objectContaining({ code }),
    );
    expect(bench.link.on(TOPIC)).toEqual([]);
  });

  it('never goes back, in any of its care areas', async () => {
    const bench = new Bench();
    bench.online();
    const release = async (sequence: number, careAreas: string[]) =>
      bench.server.releaseApprovedDocument(
        await signed(bench, 'clinical-engineer', { sequence, careAreas }),
        judgeOf(bench),
        BIOMED,
      );
    await release(2, ['adult-icu']);
    await expect(release(2, ['nursery', 'adult-icu'])).rejects.toThrow(/sequence 2 where 2 is current/);
    await release(1, ['nursery']);
  });

  it('is there after a restart, who transferred it included', async () => {
    const path = join(tempFolder(), 'store.sqlite');
    const bench = new Bench();
    const document = await signed(bench, 'clinical-engineer');
    const store = openServerStore(path, { newSeries: true, nowMs: START_MS });
    store.documents.add({ document, releasedAtMs: START_MS, releasedBy: BIOMED });
    store.close();
    const again = openServerStore(path, { newSeries: false, nowMs: START_MS });
    expect(again.documents.documents()).toEqual([{ document, releasedAtMs: START_MS, releasedBy: BIOMED }]);
    again.close();
  });
});
