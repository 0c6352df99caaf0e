import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canonicalBytes } from '../../protocol/index.ts';
import { HOUSE } from '../../tools/house.ts';
import { pumprange, type Running, start, tempFolder } from '../helpers/command.ts';

const SAMPLE = JSON.parse(readFileSync(join(HOUSE, 'simulator/drug-library/samples/adult-icu.json'), 'utf8'));

/** A ward that stops by itself should the test not do it. */
async function liveWard(dir: string): Promise<Running> {
  const ward = start(['up', '--pumps', '3', '--port', '0', '--dir', dir, '--for', '3m']);
  await ward.until(/Ctrl-C stops everything/);
  return ward;
}

/** A draft of the next version of the library of the three pumps. */
function draft(dir: string, version = '1.1.0'): string {
  const path = join(dir, 'icu.json');
  writeFileSync(path, JSON.stringify({ ...SAMPLE, version, status: 'draft' }));
  return path;
}

async function succeeds(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await pumprange(args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

async function refused(args: readonly string[], code: string): Promise<void> {
  expect(await pumprange(args)).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^${code}:`)),
  });
}

async function adoption(dir: string) {
  return JSON.parse(await succeeds(['library', 'adoption', '--dir', dir, '--json']));
}

async function adoptionOf(dir: string, serial: string) {
  const { pumps } = await adoption(dir);
  return pumps.find((pump: { serial: string }) => pump.serial === serial);
}

/** Two pharmacists approve it, and a biomedical engineer transfers it. */
async function released(dir: string, path: string): Promise<void> {
  for (const person of ['anna', 'ben']) {
    await succeeds(['library', 'approve', path, '--as', person, '--dir', dir]);
  }
  expect(await succeeds(['library', 'release', path, '--dir', dir])).toContain('RELEASED');
}

/** Switches a pump off and on with a new patient, at its keypad. */
async function powerCycled(dir: string, serial: string): Promise<string> {
  const seat = start(['bedside', serial, '--dir', dir]);
  seat.input('stop A\nstop B\noff\non new\n');
  seat.process.stdin?.end();
  return (await seat.ended).stdout;
}

describe('a drug library', () => {
  test('goes from a draft over two approvals to the pumps, which go by it with the next patient', async () => {
    const dir = tempFolder();
    const ward = await liveWard(dir);
    const path = draft(dir);
    await succeeds(['library', 'check', path]);
    const approve = (person: string) => ['library', 'approve', path, '--as', person, '--dir', dir];
    const release = ['library', 'release', path, '--dir', dir];
    await refused(release, 'PR_FILE_UNREADABLE');
    const first = await succeeds(approve('anna'));
    expect(first).toContain('TRAINING, NOT FOR HUMAN USE');
    expect(first).toContain('sequence 2: DRAFT → APPROVED 1 of 2');
    await refused(release, 'PR_RELEASE_NOT_APPROVED');
    await refused(approve('anna'), 'PR_APPROVED_ALREADY');
    await refused(approve('biomed-01'), 'PR_APPROVER_REFUSED');
    await refused([...approve('ben'), '--models', 'lvp'], 'PR_USAGE');
    expect(await succeeds(approve('ben'))).toContain('APPROVED 1 of 2 → APPROVED');
    expect(await succeeds(release)).toContain('APPROVED → RELEASED, transferred by biomed-01');
    await refused(release, 'PR_RELEASE_OUTDATED');

    await expect
      .poll(() => adoptionOf(dir, 'LVP-0001'), { timeout: 60_000 })
      .toMatchObject({ adoption: 'pending', inUse: { version: '1.0.0' }, pending: { version: '1.1.0' } });
    expect(await powerCycled(dir, 'LVP-0001')).toContain('library-activated');
    await expect
      .poll(() => adoptionOf(dir, 'LVP-0001'), { timeout: 60_000 })
      .toMatchObject({ adoption: 'in-use', inUse: { version: '1.1.0' }, pending: null });
    const report = await adoption(dir);
    expect(report.source).toBe('server');
    expect(report.stragglers).not.toContain('LVP-0001');
    expect(report.stragglers).toHaveLength(2);

    ward.process.kill('SIGTERM');
    expect(await ward.ended).toMatchObject({ code: 0, stderr: '' });
    // The ward is gone, and what it has left says the same.
    const left = await adoption(dir);
    expect(left.source).toBe('store');
    expect(left.pumps.map((pump: { inUse: object; pending: object }) => [pump.inUse, pump.pending])).toEqual(
      report.pumps.map((pump: { inUse: object; pending: object }) => [pump.inUse, pump.pending]),
    );
    const csv = join(dir, 'adoption.csv');
    await succeeds(['library', 'adoption', '--dir', dir, '--csv', csv]);
    const [head, ...rows] = readFileSync(csv, 'utf8').trimEnd().split('\r\n');
    expect(head).toMatch(/^serial,model,careArea,.*,notice$/);
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toContain('"TRAINING, NOT FOR HUMAN USE"');
    expect(await succeeds(['library', 'adoption', '--dir', dir])).toMatch(/behind: PCA-0001, SYR-0001/);
  });

  test('that was released stands after kill -9 of the ward, and the pumps of the next one go by it', async () => {
    const dir = tempFolder();
    const ward = await liveWard(dir);
    await released(dir, draft(dir));
    ward.process.kill('SIGKILL');
    await ward.ended;
    expect((await adoption(dir)).releases).toContainEqual(
      expect.objectContaining({ careArea: 'adult-icu', libraryVersion: '1.1.0', sequence: 2 }),
    );
    await liveWard(dir);
    await expect
      .poll(() => adoptionOf(dir, 'LVP-0001'), { timeout: 60_000 })
      .toMatchObject({ adoption: 'in-use', inUse: { version: '1.1.0' } });
    const next = draft(tempFolder(), '1.2.0');
    expect(await succeeds(['library', 'approve', next, '--as', 'anna', '--dir', dir])).toContain(
      'sequence 3',
    );
  });

  test('is published again by a pump server that was killed between release and adoption', async () => {
    const dir = tempFolder();
    const broker = start(['serve', 'broker', '--port', '0', '--dir', dir]);
    const port = /"port":(\d+)/.exec(await broker.until(/"method":"ready"/))?.[1] ?? '0';
    const serve = (): Running => start(['serve', 'pump-server', '--port', port, '--dir', dir]);
    const before = serve();
    await before.until(/"method":"ready"/);
    const path = draft(dir);
    for (const person of ['anna', 'ben']) {
      await succeeds(['library', 'approve', path, '--as', person, '--dir', dir]);
    }
    const { manifest } = JSON.parse(readFileSync(join(dir, 'icu.manifest.json'), 'utf8'));
    const content = {
      ...JSON.parse(readFileSync(path, 'utf8')),
      sequence: manifest.sequence,
      status: 'released',
    };
    const bytes = canonicalBytes(content);
    await ask(before, 'library.part', { content: bytes.toString('base64') });
    expect(
      await ask(before, 'library.release', { manifest, by: 'urn:pumprange:biomed:biomed-01' }),
    ).toMatchObject({
      libraryVersion: '1.1.0',
    });
    before.process.kill('SIGKILL');
    await before.ended;

    // The pumps come only now: what they fetch, they fetch of the next server.
    const after = serve();
    await after.until(/"method":"ready"/);
    const pumps = start(['serve', 'pumps', '--pumps', '3', '--port', port, '--dir', dir]);
    await pumps.until(/"method":"ready"/);
    await expect
      .poll(async () => JSON.stringify(await ask(after, 'library.adoption', { from: 0 })), {
        timeout: 60_000,
      })
      .toMatch(/"adoption":"(?:pending|in-use)"/);
    for (const component of [pumps, after, broker]) {
      component.input('{"jsonrpc":"2.0","id":0,"method":"stop"}\n');
      expect(await component.ended).toMatchObject({ code: 0, stderr: '' });
    }
    expect(existsSync(join(dir, 'pump-server.sqlite'))).toBe(true);
  });
});

let requests = 0;
async function ask(component: Running, method: string, params: unknown): Promise<unknown> {
  requests += 1;
  const id = requests;
  component.input(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  const printed = await component.until(new RegExp(`"id":${id},[^\\n]*\\n`));
  const { result, error } = JSON.parse(
    printed.split('\n').find((one) => one.includes(`"id":${id},`)) ?? '{}',
  );
  return result ?? error;
}
