import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unsettled } from '../../clock/index.ts';
import { signLibrary } from '../../pump-server/index.ts';
import { libraryMethods } from '../../testbed/library-desk.ts';
import { Bench, FakePump, type SERIAL } from '../pump-server/fake-link.ts';
import { libraryDraft, pharmacists, siteOf } from '../pump-server/releases/people.ts';

const LIBRARY = readFileSync('simulator/drug-library/samples/adult-icu.json');
const BIOMED = 'urn:pumprange:biomed:biomed-01';

function desk() {
  const bench = new Bench();
  bench.online();
  const connect = () => libraryMethods(bench.server, siteOf(bench.clock).judge({ revocation: true }));
  const manifest = async () =>
    (await signLibrary(libraryDraft(bench.clock), pharmacists(bench.clock), unsettled)).manifest;
  return { bench, connect, manifest };
}

const part = (bytes: Buffer) => ({ content: bytes.toString('base64') });

describe('the control port', () => {
  it('releases what came in parts, and forgets it', async () => {
    const { bench, connect, manifest } = desk();
    const methods = connect();
    for (let from = 0; from < LIBRARY.length; from += 5_000) {
      await methods['library.part']?.(part(LIBRARY.subarray(from, from + 5_000)));
    }
    const request = { manifest: await manifest(), by: BIOMED };
    expect(await methods['library.release']?.(request)).toMatchObject({ careArea: 'adult-icu', sequence: 1 });
    expect(bench.server.ledger()).toHaveLength(1);
    // Nothing is left of it.
    expect(() => methods['library.release']?.(request)).toThrow();
  });

  it('mixes the parts of two connections with each other never', async () => {
    const { connect, manifest } = desk();
    const [one, two] = [connect(), connect()];
    two['library.part']?.(part(Buffer.from('rubbish')));
    one['library.part']?.(part(LIBRARY));
    expect(await one['library.release']?.({ manifest: await manifest(), by: BIOMED })).toBeDefined();
  });

  it.each(['urn:pumprange:pharmacist:anna', 'urn:pumprange:nurse:nora'])(
    'takes nothing from %s',
    async (by) => {
      const { bench, connect, manifest } = desk();
      const methods = connect();
      methods['library.part']?.(part(LIBRARY));
      const request = { manifest: await manifest(), by };
      expect(() => methods['library.release']?.(request)).toThrow(
        expect.objectContaining({ code: 'PR_RELEASE_INVALID' }),
      );
      expect(bench.server.ledger()).toEqual([]);
    },
  );

  it.each([
    ['library.part', { content: 'not base64!' }],
    ['library.part', { content: Buffer.alloc(60_000).toString('base64') }],
    ['library.release', { by: BIOMED }],
    ['library.adoption', { from: -1 }],
    ['library.adoption', undefined],
  ])('takes no rubbish for the parameters of %s', (method, params) => {
    expect(() => desk().connect()[method]?.(params)).toThrow(
      expect.objectContaining({ name: 'InvalidParamsError' }),
    );
  });

  it('keeps no more than a library may have', () => {
    const methods = desk().connect();
    const some = part(Buffer.alloc(36 * 1024));
    expect(() => {
      for (let time = 0; time < 1_000; time += 1) methods['library.part']?.(some);
    }).toThrow(expect.objectContaining({ code: 'PR_RELEASE_INVALID' }));
  });

  it('tells of the pumps in pages that are short enough for a line', () => {
    const { bench, connect } = desk();
    for (let number = 1; number <= 400; number += 1) {
      const pump = new FakePump(`LVP-${String(number).padStart(4, '0')}` as typeof SERIAL);
      bench.receive(pump.topic('status'), pump.status());
    }
    const methods = connect();
    const seen: string[] = [];
    for (;;) {
      const page = JSON.stringify(methods['library.adoption']?.({ from: seen.length }));
      expect(page.length).toBeLessThan(60_000);
      const { pumps, pumpsInAll } = JSON.parse(page);
      expect(pumpsInAll).toBe(400);
      if (pumps.length === 0) break;
      seen.push(...pumps.map(({ serial }: { serial: string }) => serial));
    }
    expect(new Set(seen).size).toBe(400);
  });
});
