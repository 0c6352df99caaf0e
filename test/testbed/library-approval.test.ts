import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { HeapClock } from '../../clock/index.ts';
import { createMemoryPki, type Pki } from '../../pki/index.ts';
import { canonicalBytes } from '../../protocol/index.ts';
import { approverNamed } from '../../testbed/approver.ts';
import { approvalPath, approveLibrary, readApproval } from '../../testbed/library-approval.ts';
import { tempFolder } from '../helpers/command.ts';

const NOW_MS = Date.parse('2026-03-02T06:00:00.000Z');
const DAY_MS = 86_400_000;
const SAMPLE = JSON.parse(readFileSync('simulator/drug-library/samples/adult-icu.json', 'utf8'));

let path: string;
let manifestPath: string;
let pki: Pki;
beforeEach(() => {
  path = join(tempFolder(), 'icu.json');
  manifestPath = approvalPath(path);
  pki = createMemoryPki({ clock: new HeapClock(NOW_MS) });
  write({ version: '1.1.0', status: 'draft' });
});

function write(change: object): void {
  writeFileSync(path, JSON.stringify({ ...SAMPLE, ...change }));
}

function approve(name: string, nowMs = NOW_MS) {
  return approveLibrary({
    ...{ path, manifestPath, nowMs },
    approver: approverNamed(name, pki),
    judge: pki.judge({ revocation: true }),
    terms: () => ({
      ...{ sequence: 4, models: ['lvp'], minimumFirmware: '1.0.0' },
      notAfterMs: NOW_MS + DAY_MS,
    }),
  });
}

const read = () =>
  readApproval({ path, manifestPath, judge: pki.judge({ revocation: true }), nowMs: NOW_MS });

describe('the approval of a library', () => {
  it('takes two pharmacists, each of whom signs the same manifest', async () => {
    expect(await approve('anna')).toMatchObject({
      approvers: ['urn:pumprange:pharmacist:anna'],
      isApproved: false,
    });
    expect(await approve('ben')).toMatchObject({ isApproved: true });
    const { manifest, approvers, contentBytes } = read();
    expect(approvers).toEqual(['urn:pumprange:pharmacist:anna', 'urn:pumprange:pharmacist:ben']);
    expect(manifest).toMatchObject({ sequence: 4, libraryVersion: '1.1.0', models: ['lvp'] });
    expect(JSON.parse(contentBytes.toString())).toMatchObject({
      status: 'released',
      sequence: 4,
      banner: 'TRAINING, NOT FOR HUMAN USE',
    });
  });

  it('leaves the file as it is, and says in its own what it is not for', async () => {
    const before = readFileSync(path);
    await approve('anna');
    expect(readFileSync(path)).toEqual(before);
    expect(JSON.parse(readFileSync(manifestPath, 'utf8')).banner).toBe('TRAINING, NOT FOR HUMAN USE');
  });

  it('is not given twice by one person, who is one approval', async () => {
    await approve('anna');
    const before = readFileSync(manifestPath);
    await expect(approve('anna')).rejects.toMatchObject({ code: 'PR_APPROVED_ALREADY' });
    expect(readFileSync(manifestPath)).toEqual(before);
  });

  it('is refused while another process approves, whose approval would be lost', async () => {
    await approve('anna');
    const before = readFileSync(manifestPath);
    const lock = `${manifestPath}.lock`;
    writeFileSync(lock, String(process.ppid));
    await expect(approve('ben')).rejects.toMatchObject({ code: 'PR_DIR_IN_USE' });
    expect(readFileSync(manifestPath)).toEqual(before);
    rmSync(lock);
    expect(await approve('ben')).toMatchObject({ isApproved: true });
    expect(existsSync(lock)).toBe(false);
  });

  it.each(['biomed-01', 'biomed:olga', 'nurse-03', 'security:sam'])('is not given by %s', async (name) => {
    expect(() => approverNamed(name, pki)).toThrow(expect.objectContaining({ code: 'PR_APPROVER_REFUSED' }));
    expect(existsSync(manifestPath)).toBe(false);
  });

  it('is not given by somebody whom the register has as a biomedical engineer', () => {
    pki.credentialFor({ kind: 'biomed', id: 'olga' });
    expect(() => approverNamed('olga', pki)).toThrow(/Biomedical engineers transfer, and cannot edit/);
  });

  it('is not given by a pharmacist who was revoked, and no longer counts if they signed before', async () => {
    await approve('anna');
    pki.revoke({ kind: 'pharmacist', id: 'anna' }, 'keyCompromise');
    expect(() => approverNamed('anna', pki)).toThrow(/revoked/);
    expect(await approve('ben')).toMatchObject({
      approvers: ['urn:pumprange:pharmacist:ben'],
      isApproved: false,
    });
  });

  it.each([
    [
      'the library was edited since',
      () => write({ version: '1.1.0', status: 'draft', maximumRateMlPerH: 998 }),
    ],
    ['the file beside it is none', () => writeFileSync(manifestPath, '{"version":1}')],
    ['the file beside it is not JSON', () => writeFileSync(manifestPath, '%')],
    [
      'the manifest was edited',
      () =>
        writeFileSync(
          manifestPath,
          readFileSync(manifestPath, 'utf8').replace('"sequence": 4', '"sequence": 5'),
        ),
    ],
  ])('is stale where %s', async (_what, spoil) => {
    await approve('anna');
    spoil();
    await expect(approve('ben').then(({ approvers }) => approvers.length)).rejects.toMatchObject({
      code: 'PR_APPROVAL_STALE',
    });
  });

  it('is stale once it has ended', async () => {
    await approve('anna');
    await expect(approve('ben', NOW_MS + 2 * DAY_MS)).rejects.toMatchObject({ code: 'PR_APPROVAL_STALE' });
  });

  it('signs canonical JSON, however the file is written', async () => {
    write({ version: '1.1.0', status: 'released', sequence: 4 });
    await approve('anna');
    const { contentBytes } = read();
    expect(contentBytes).toEqual(canonicalBytes(JSON.parse(readFileSync(path, 'utf8'))));
  });
});
