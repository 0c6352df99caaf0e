import { spawn } from 'node:child_process';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HeapClock } from '../../../clock/index.ts';
import { openPki, type Pki, parseCrl } from '../../../pki/index.ts';
import { START_MS } from '../workbench.ts';
import type { Done } from './issuing-child.ts';

/** Each kills two. */
const ROUNDS = 13;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-kill-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const LOADER = fileURLToPath(new URL('ts-loader.mjs', import.meta.url));
const CHILD = fileURLToPath(new URL('issuing-child.ts', import.meta.url));

interface Work {
  readonly name: string;
  /** Absent: for ever, until it is killed. */
  readonly steps?: number;
  /** Kills it so long after it has said so many lines. */
  readonly kill?: { readonly afterLines: number; readonly thenMs: number };
}

function work({ name, steps, kill }: Work): Promise<Done[]> {
  return new Promise((resolve, reject) => {
    const args = steps === undefined ? [name] : [name, String(steps)];
    const child = spawn(process.execPath, ['--import', LOADER, CHILD, dir, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const guard = setTimeout(() => child.kill('SIGKILL'), 60_000);
    let said = '';
    let complaints = '';
    let dying = false;
    child.stdout.on('data', (data) => {
      said += data;
      if (dying || kill === undefined || said.split('\n').length <= kill.afterLines) return;
      dying = true;
      setTimeout(() => child.kill('SIGKILL'), kill.thenMs);
    });
    child.stderr.on('data', (data) => {
      complaints += data;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(guard);
      if (code !== 0 && signal !== 'SIGKILL') return reject(new Error(`${name}: ${complaints}`));
      return resolve(
        said
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line) as Done),
      );
    });
  });
}

const open = (): Pki => openPki({ dir, clock: new HeapClock(START_MS) });

/** Half a file, a file that others may read, a key without its certificate: none of it, anywhere. */
function expectWhole(): void {
  for (const path of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
    const file = join(dir, path);
    const stats = statSync(file);
    expect([path, (stats.mode & 0o777).toString(8)]).toEqual([path, stats.isDirectory() ? '700' : '600']);
    // What was being written when it died has another ending, and counts for nothing.
    if (path.endsWith('.json')) JSON.parse(readFileSync(file, 'utf8'));
    if (/^credentials\/.*\.pem$/.test(path)) {
      const text = readFileSync(file, 'utf8');
      expect(new X509Certificate(text).publicKey.equals(createPublicKey(text))).toBe(true);
    }
  }
}

function expectKept(all: readonly Done[]): void {
  const pki = open();
  const serials = pki.list().map(({ serialNumber }) => serialNumber);
  expect(new Set(serials).size).toBe(serials.length);
  const listed = new Set(serials);
  const devices = pki.crls().find(({ issuer }) => issuer === 'devices')!;
  const { revoked } = parseCrl(devices.der);
  for (const done of all) {
    if (done.issued !== undefined) expect(listed).toContain(done.issued);
    if (done.revoked !== undefined) expect(revoked.has(done.revoked)).toBe(true);
  }
}

test('killed 26 times at any point, it has all that was done, whole', async () => {
  const all: Done[] = [];
  const kill = () => ({ afterLines: Math.floor(Math.random() * 12), thenMs: Math.random() * 8 });
  for (let round = 0; round < ROUNDS; round += 1) {
    const names = [`a${round}`, `b${round}`];
    const done = await Promise.all(names.map((name) => work({ name, kill: kill() })));
    all.push(...done.flat());
    expectWhole();
    if (round % 5 === 4) expectKept(all);
  }
  expect(all.length).toBeGreaterThan(ROUNDS);
  expectKept(all);
  const pki = open();
  expect(pki.issue({ identity: { kind: 'pump', id: 'after' } }).rootPem).toBe(pki.rootPem);
}, 240_000);

test('two processes at once on one folder have one register, and each serial number once', async () => {
  const all = await Promise.all([work({ name: 'a', steps: 60 }), work({ name: 'b', steps: 60 })]);
  expectWhole();
  expectKept(all.flat());
  const pumps = open()
    .list()
    .filter(({ identity }) => identity.kind === 'pump');
  expect(pumps.map(({ identity }) => identity.id).sort()).toEqual(
    ['a', 'b'].flatMap((name) => Array.from({ length: 60 }, (_, index) => `${name}-${index}`)).sort(),
  );
}, 120_000);
