import { expect, test } from 'vitest';
import { bench, DAY_MS, PUMP, START_MS } from '../workbench.ts';

const OTHER = { kind: 'pump', id: 'LVP-0002' } as const;

test('a pump whose certificates have all expired is barred by a revocation too', () => {
  const { clock, pki } = bench();
  pki.issue({ identity: PUMP, lifetimeMs: 1_000 });
  clock.moveTo(START_MS + 1_500);
  const { serialNumber } = pki.issue({ identity: PUMP, lifetimeMs: 1_000 });
  clock.moveTo(START_MS + DAY_MS);
  expect(pki.revoke(PUMP, 'keyCompromise')).toMatchObject([{ serialNumber }]);
  expect(pki.isBarred(PUMP)).toBe(true);
  expect(pki.revoke(PUMP, 'keyCompromise')).toEqual([]);
});

test('a pump that never enrolled is barred by a revocation, until somebody issues it one by hand', () => {
  const events: string[] = [];
  const { pki } = bench({ evidence: ({ event }) => void events.push(event) });
  pki.issueDefective('expired', PUMP);
  for (let time = 0; time < 2; time++) expect(pki.revoke(PUMP, 'keyCompromise')).toEqual([]);
  expect(events.filter((event) => event === 'identity.barred')).toHaveLength(1);
  expect([pki.isBarred(PUMP), pki.isBarred(OTHER)]).toEqual([true, false]);
  pki.issueDefective('expired', PUMP);
  expect(pki.isBarred(PUMP)).toBe(true);
  pki.issue({ identity: PUMP });
  expect(pki.isBarred(PUMP)).toBe(false);
  pki.revoke(PUMP, 'keyCompromise');
  expect(pki.isBarred(PUMP)).toBe(true);
});

test('a certificate that is bad on purpose lets nobody in who is barred, and bars nobody', () => {
  const { clock, pki } = bench();
  for (const identity of [PUMP, OTHER]) pki.issue({ identity });
  clock.moveTo(START_MS + 1_000);
  pki.revoke(PUMP, 'keyCompromise');
  clock.moveTo(START_MS + 2_000);
  pki.issueDefective('expired', PUMP);
  pki.issueDefective('revoked', OTHER);
  expect([pki.isBarred(PUMP), pki.isBarred(OTHER)]).toEqual([true, false]);
});

test('a pump whose last certificate was superseded is barred by a revocation all the same', () => {
  const { clock, pki } = bench();
  pki.issue({ identity: PUMP });
  pki.rollOver('devices');
  pki.retire('devices', { force: true });
  expect(pki.isBarred(PUMP)).toBe(false);
  expect(pki.revoke(PUMP, 'keyCompromise')).toEqual([]);
  expect(pki.isBarred(PUMP)).toBe(true);
  // By hand it comes in again, and what was held against it then counts no more.
  clock.moveTo(START_MS + 1_000);
  pki.issue({ identity: PUMP });
  expect(pki.isBarred(PUMP)).toBe(false);
  pki.rollOver('devices');
  pki.retire('devices-2', { force: true });
  expect(pki.isBarred(PUMP)).toBe(false);
  pki.revoke(PUMP, 'keyCompromise');
  expect(pki.isBarred(PUMP)).toBe(true);
});

test('a pump whose newest certificate has expired beside an older good one is barred by a revocation', () => {
  const { clock, pki } = bench();
  const { serialNumber } = pki.issue({ identity: PUMP });
  clock.moveTo(START_MS + 1_000);
  pki.issue({ identity: PUMP, lifetimeMs: 1_000 });
  clock.moveTo(START_MS + DAY_MS);
  expect(pki.revoke(PUMP, 'keyCompromise')).toMatchObject([{ serialNumber }]);
  expect(pki.isBarred(PUMP)).toBe(true);
});

test('what is superseded by a decision about nobody bars nobody', () => {
  const { pki } = bench();
  pki.issue({ identity: PUMP });
  pki.revoke(PUMP, 'superseded');
  expect(pki.isBarred(PUMP)).toBe(false);
});

test('a pump that was let in again is not barred by what was held against it once, when its certificate is superseded', () => {
  const { clock, pki } = bench();
  pki.issue({ identity: PUMP });
  pki.revoke(PUMP, 'keyCompromise');
  clock.moveTo(START_MS + 1_000);
  pki.issue({ identity: PUMP });
  expect(pki.isBarred(PUMP)).toBe(false);
  pki.rollOver('devices');
  pki.retire('devices', { force: true });
  expect(pki.isBarred(PUMP)).toBe(false);
});
