import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { libraryJson } from '../helpers/ceiling.ts';
import { pumprange, start, tempFolder } from '../helpers/command.ts';

const CEILING = resolve('simulator/drug-library/ceilings/adult-icu.json');
const ICU = resolve('simulator/drug-library/samples/adult-icu.json');

let cwd: string;
beforeEach(() => {
  cwd = tempFolder();
});

const ceiling = (...args: string[]) => pumprange(['library', 'ceiling', ...args], { cwd });

/** The shipped ceiling with a change, as `ceiling.json`. */
function write(change: object = { sequence: 2, ceilingVersion: '1.1.0' }): void {
  const shipped = JSON.parse(readFileSync(CEILING, 'utf8'));
  writeFileSync(join(cwd, 'ceiling.json'), JSON.stringify({ ...shipped, ...change }));
}

describe('library ceiling check', () => {
  it('says which library keeps within it', async () => {
    const { code, stdout, stderr } = await ceiling('check', CEILING, ICU);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^TRAINING, NOT FOR HUMAN USE\nadult-icu 1\.0\.0 for adult-icu, sequence 1, 10 drugs\n/,
    );
    expect(stdout).toMatch(/adult-icu\.json: within the ceiling\n$/);
  });

  it('exits 1 where one does not, and says each limit', async () => {
    const library = libraryJson('adult-icu');
    for (const entry of library.entries) if (entry.drug === 'propofol') entry.limits = { hardMax: 950 };
    writeFileSync(join(cwd, 'loose.json'), JSON.stringify(library));
    const { code, stdout, stderr } = await ceiling('check', CEILING, 'loose.json');
    expect(code).toBe(1);
    expect(stdout).toContain(
      'loose.json: BEYOND: the hard maximum of propofol is 950 mcg/kg/min, the ceiling is 100 mcg/kg/min\n',
    );
    expect(stderr).toMatch(/^PR_LIBRARY_BEYOND_CEILING: loose\.json\n/);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['no JSON', '{', /not JSON/],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0]), /not JSON/],
    ['an unknown member', JSON.stringify({ ...JSON.parse(readFileSync(CEILING, 'utf8')), x: 1 }), /x/],
    ['more than travels', ' '.repeat(70_000), /70000 bytes are too many/],
  ])('refuses %s', async (_, content, reason) => {
    writeFileSync(join(cwd, 'bad.json'), content);
    const { code, stderr } = await ceiling('check', 'bad.json');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^PR_DOCUMENT_INVALID: bad\.json: /);
    expect(stderr).toMatch(reason);
  });

  it('refuses a drug that is there twice, in whatever spelling', async () => {
    const limit = { doseUnit: 'mg/h', hardMax: 1 };
    write({
      limits: [
        { drug: 'morphine', ...limit },
        { drug: 'Morphine', ...limit },
      ],
    });
    expect((await ceiling('check', 'ceiling.json')).stderr).toMatch(/a drug is there twice/);
  });
});

describe('library ceiling approve', () => {
  it('takes a clinical engineer and nobody else, once', async () => {
    write();
    for (const name of ['pharmacist-01', 'biomed-01']) {
      const refused = await ceiling('approve', 'ceiling.json', '--as', name);
      expect(refused.stderr).toMatch(/^PR_APPROVER_REFUSED: .*it takes a clinical-engineer/);
    }
    expect(existsSync(join(cwd, 'ceiling.signed.json'))).toBe(false);
    const { code, stdout } = await ceiling('approve', 'ceiling.json', '--as', 'eve');
    expect(code).toBe(0);
    expect(stdout).toMatch(/DRAFT → APPROVED\n {2}approved by urn:pumprange:clinical-engineer:eve/);
    const again = await ceiling('approve', 'ceiling.json', '--as', 'eve');
    expect(again.stderr).toMatch(/^PR_APPROVED_ALREADY/);
  });

  it('is for what the file was', async () => {
    write();
    await ceiling('approve', 'ceiling.json', '--as', 'eve');
    write({ sequence: 2, ceilingVersion: '1.1.1' });
    expect((await ceiling('approve', 'ceiling.json', '--as', 'fay')).stderr).toMatch(/^PR_APPROVAL_STALE/);
    expect((await ceiling('release', 'ceiling.json')).stderr).toMatch(/^PR_APPROVAL_STALE/);
  });
});

describe('library ceiling release', () => {
  it('reaches the pumps of the ward that runs, and never goes back', async () => {
    const ward = start(['up', '--port', '0', '--pumps', '4'], { cwd });
    await ward.until(/Ctrl-C stops everything/);
    write();
    await ceiling('approve', 'ceiling.json', '--as', 'eve');
    const pharmacist = await ceiling('release', 'ceiling.json', '--as', 'pharmacist-01');
    expect(pharmacist.stderr).toMatch(/^PR_USAGE/);
    const released = await ceiling('release', 'ceiling.json');
    expect(released).toMatchObject({ code: 0, stderr: '' });
    expect(released.stdout).toMatch(/sequence 2, 10 drugs: RELEASED, transferred by biomed-01/);
    expect((await ceiling('release', 'ceiling.json')).stderr).toMatch(/^PR_RELEASE_OUTDATED/);
    const told = () =>
      readFileSync(join(cwd, '.pumprange', 'evidence.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"ceiling.accepted"'));
    await expect.poll(told, { timeout: 20_000 }).not.toEqual([]);
    ward.process.kill('SIGTERM');
    await ward.ended;
  }, 120_000);
});
