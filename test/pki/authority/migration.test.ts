import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { openPki, type Pki, parseCertificate, pemBlocks } from '../../../pki/index.ts';
import { bench, DAY_MS, START_MS } from '../workbench.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const SERIALS = ['LVP-0001', 'LVP-0002', 'LVP-0003'];
const pump = (id: string) => ({ kind: 'pump', id }) as const;
const refused = (message: string) =>
  expect.objectContaining({ code: 'PR_PKI_AUTHORITY', message: expect.stringContaining(message) });
const fingerprintOf = (pki: Pki, id: string): string | undefined =>
  pki.authorities.find((one) => one.id === id)?.certificate.fingerprint;

function rolledOver() {
  const made = bench();
  for (const id of SERIALS) made.pki.issue({ identity: pump(id) });
  made.pki.issue({ identity: { kind: 'nurse', id: 'nurse-01' } });
  made.pki.rollOver('devices');
  return made;
}

test('wave by wave the pumps are told which authority to leave, until each has a certificate of the new one', () => {
  const { pki } = rolledOver();
  const { migration } = pki;
  expect(migration.progress()).toEqual({ to: 'devices-2', from: ['devices'], waves: [], waiting: SERIALS });
  expect(migration.toLeave('LVP-0001')).toBeUndefined();

  expect(migration.start({ serials: ['LVP-0002'] })).toEqual(['LVP-0002']);
  expect(SERIALS.map((serial) => migration.toLeave(serial))).toEqual([
    undefined,
    fingerprintOf(pki, 'devices'),
    undefined,
  ]);
  pki.issue({ identity: pump('LVP-0002') });
  expect(migration.toLeave('LVP-0002')).toBeUndefined();

  expect(migration.start({ next: 1 })).toEqual(['LVP-0001']);
  expect(migration.start('rest')).toEqual(['LVP-0003']);
  const { waves, waiting } = migration.progress();
  expect(waiting).toEqual([]);
  expect(waves.map(({ number, pumps }) => [number, pumps])).toEqual([
    [1, [{ serial: 'LVP-0002', moved: true }]],
    [2, [{ serial: 'LVP-0001', moved: false }]],
    [3, [{ serial: 'LVP-0003', moved: false }]],
  ]);
  for (const id of ['LVP-0001', 'LVP-0003']) pki.issue({ identity: pump(id) });
  pki.retire('devices');
  expect(migration.progress()).toMatchObject({ to: 'devices-2', from: [] });
  expect(
    migration
      .progress()
      .waves.flatMap(({ pumps }) => pumps)
      .every(({ moved }) => moved),
  ).toBe(true);
});

test('a wave of nobody, of strangers, of those in one already or without a rollover is refused', () => {
  expect(() => bench().pki.migration.start('rest')).toThrow(refused('roll over first'));
  const { pki, clock } = rolledOver();
  const { migration } = pki;
  expect(() => migration.start({ serials: ['LVP-0001', 'LVP-9999'] })).toThrow(refused('LVP-9999'));
  migration.start({ serials: ['LVP-0001'] });
  expect(() => migration.start({ serials: ['LVP-0001'] })).toThrow(refused('LVP-0001'));
  pki.issue({ identity: pump('LVP-0002') });
  expect(() => migration.start({ serials: ['LVP-0002'] })).toThrow(refused('it has moved'));
  // Revoked or expired, it has nothing that a wave could replace.
  pki.revoke(pump('LVP-0003'), 'keyCompromise');
  expect(() => migration.start('rest')).toThrow(refused('no pump waits'));
  clock.moveTo(START_MS + 31 * DAY_MS);
  expect(migration.toLeave('LVP-0001')).toBeUndefined();
});

test('a second rollover begins anew: from both authorities of before, and with no wave', () => {
  const { pki } = rolledOver();
  const { migration } = pki;
  migration.start({ serials: ['LVP-0001'] });
  pki.issue({ identity: pump('LVP-0001') });
  pki.rollOver('devices');
  expect(migration.progress()).toEqual({
    to: 'devices-3',
    from: ['devices', 'devices-2'],
    waves: [],
    waiting: SERIALS,
  });
  migration.start('rest');
  expect(migration.toLeave('LVP-0002')).toBe(fingerprintOf(pki, 'devices'));
});

test('a process that has the folder open takes up the waves of another, once, and tells of them', () => {
  const dir = mkdtempSync(join(tmpdir(), 'pumprange-migration-'));
  folders.push(dir);
  const events: (string | null | undefined)[] = [];
  const ward = openPki({
    dir,
    clock: new HeapClock(START_MS),
    evidence: ({ event, cause }) => {
      if (event === 'migration.wave') events.push(cause);
    },
  });
  const [authority] = pemBlocks(ward.issue({ identity: pump('LVP-0001') }).chainPem, 'CERTIFICATE').slice(1);
  expect(ward.migration.takeUp()).toEqual([]);
  const operator = openPki({ dir, clock: new HeapClock(START_MS) });
  operator.rollOver('devices');
  operator.migration.start('rest');
  ward.takeUpRevocations();
  expect(ward.migration.takeUp()).toEqual(['LVP-0001']);
  expect(ward.migration.takeUp()).toEqual([]);
  expect(events).toEqual(['1 pumps are to renew']);
  expect(ward.migration.toLeave('LVP-0001')).toBe(parseCertificate(authority!).fingerprint);
  ward.issue({ identity: pump('LVP-0001') });
  expect(operator.migration.progress().waves[0]?.pumps).toEqual([{ serial: 'LVP-0001', moved: true }]);
});
