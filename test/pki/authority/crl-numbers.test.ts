import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { openPki, type Pki, parseCrl } from '../../../pki/index.ts';
import { PUMP, START_MS } from '../workbench.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-crl-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const OTHER = { kind: 'pump', id: 'LVP-0002' } as const;
const open = (): Pki => openPki({ dir, clock: new HeapClock(START_MS) });
const listOf = (pki: Pki) => {
  const { der, number } = pki.crls().find(({ issuer }) => issuer === 'devices')!;
  return { number, revoked: [...parseCrl(der).revoked.keys()].sort() };
};

test('of two processes that revoke at once each list has its own number, and in it what both revoked', () => {
  const [one, other] = [open(), open()];
  const serials = [PUMP, OTHER].map((identity) => one.issue({ identity }).serialNumber);
  const told: string[] = [];
  other.onRevoked(({ serialNumber }) => told.push(serialNumber));
  for (const pki of [one, other]) {
    pki.list();
    expect(listOf(pki)).toMatchObject({ revoked: [] });
  }
  const [before, after] = [listOf(one).number, listOf(other).number];
  one.revoke(PUMP, 'keyCompromise');
  const first = listOf(one);
  other.takeUpRevocations();
  told.length = 0;
  one.revoke(one.issue({ identity: PUMP }).serialNumber, 'superseded');
  other.revoke(OTHER, 'keyCompromise');
  const [second, third] = [listOf(one), listOf(other)];
  const numbers = [...new Set([before, after]), first.number, second.number, third.number];
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(first.revoked).toEqual([serials[0]]);
  expect(second.number).toBeLessThan(third.number);
  expect(second.revoked).toHaveLength(3);
  expect(second.revoked).toEqual(expect.arrayContaining(serials));
  expect(third.revoked).toEqual(second.revoked);
  expect(listOf(open())).toEqual(third);
  // What the list has told of already is still news to who listens.
  expect(other.takeUpRevocations()).toHaveLength(1);
  expect(told).toHaveLength(2);
});

test('a list that judges here have seen is made again where another process was faster', () => {
  const [one, other] = [open(), open()];
  const { serialNumber, chainDer } = one.issue({ identity: PUMP });
  const judge = other.judge({ revocation: true });
  expect(judge(chainDer, 'tls-client', START_MS).accepted).toBe(true);
  one.revoke(serialNumber, 'keyCompromise');
  const faster = listOf(one);
  const list = listOf(other);
  expect(list.number).toBeGreaterThan(faster.number);
  expect(list.revoked).toEqual([serialNumber]);
});
