import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { openPki, parseCrl } from '../../../pki/index.ts';
import { START_MS } from '../workbench.ts';
import type { Line } from './child.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'pumprange-pki-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

const LOADER = fileURLToPath(new URL('ts-loader.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));

/** Runs a child to its end, or kills it (SIGKILL) once it has said so many lines. */
function run(dir: string, count: number, killAfterLines = Number.POSITIVE_INFINITY): Promise<Line[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', LOADER, CHILD, dir, String(count)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    let complaints = '';
    child.stdout.on('data', (data) => {
      said += data;
      if (said.split('\n').length > killAfterLines) child.kill('SIGKILL');
    });
    child.stderr.on('data', (data) => {
      complaints += data;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code !== 0 && signal !== 'SIGKILL') return reject(new Error(`child: ${complaints}`));
      const lines = said.split('\n').slice(0, -1);
      return resolve(lines.map((line) => JSON.parse(line) as Line));
    });
  });
}

function reopen(dir: string) {
  const pki = openPki({ dir, clock: new HeapClock(START_MS) });
  expect(readdirSync(dir).filter((name) => name.startsWith('.new-'))).toEqual([]);
  return pki;
}

/** All that a child was told is done is done. */
function expectKept(lines: readonly Line[]): void {
  const reopened = new Map([...new Set(lines.map(({ dir }) => dir))].map((dir) => [dir, reopen(dir)]));
  for (const line of lines) {
    const pki = reopened.get(line.dir)!;
    const listed = pki.list();
    if (line.step === 'opened') expect(pki.rootPem).toBe(line.rootPem);
    if (line.step === 'issued') expect(listed.map((one) => one.serialNumber)).toContain(line.serialNumber);
    if (line.step === 'revoked') {
      const devices = pki.crls().find(({ issuer }) => issuer === 'devices')!;
      expect([...parseCrl(devices.der).revoked.keys()]).toContain(line.serialNumber);
    }
    if (line.step === 'crls') {
      const now = pki.crls().map(({ number }) => number);
      for (const [index, number] of line.numbers.entries()) expect(now[index]).toBeGreaterThanOrEqual(number);
    }
  }
}

test('whenever a process is killed, the folder holds all that was done and opens again', async () => {
  const kills = [1, 5, 9, 14].map(async (killAfterLines) => {
    const lines = await run(join(parent, `killed-${killAfterLines}`), 200, killAfterLines);
    expect(lines.length).toBeGreaterThanOrEqual(killAfterLines);
    return lines;
  });
  for (const lines of await Promise.all(kills)) {
    expectKept(lines);
    // The one that it was about to make, if it was.
    const last = lines.at(-1)!.dir;
    const next = last.replace(/\d+$/, (index) => String(Number(index) + 1));
    const pki = reopen(next);
    expect(pki.issue({ identity: { kind: 'pump', id: 'after' } }).rootPem).toBe(pki.rootPem);
  }
});

test('processes that open the same empty folders at the same time share one root in each', async () => {
  const all = await Promise.all([run(parent, 6), run(parent, 6), run(parent, 6)]);
  const opened = all.flat().filter((line) => line.step === 'opened');
  const dirs = new Set(opened.map(({ dir }) => dir));
  expect(dirs.size).toBe(6);
  for (const dir of dirs) {
    const here = opened.filter((line) => line.dir === dir);
    expect(here).toHaveLength(3);
    expect(new Set(here.map(({ rootPem }) => rootPem)).size).toBe(1);
    expect(here.filter(({ created }) => created)).toHaveLength(1);
  }
  expectKept(all.flat().filter((line) => line.step !== 'crls'));
});
