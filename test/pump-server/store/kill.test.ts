import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Serial } from '../../../protocol/index.ts';
import { openServerStore } from '../../../pump-server/index.ts';
import { OTHER, SERIAL, START_MS } from '../fake-link.ts';

const ROUNDS = 8;
const LOADER = resolve(import.meta.dirname, '../../../tools/ts-loader.mjs');
const CHILD = fileURLToPath(new URL('server-child.ts', import.meta.url));

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pumprange-store-kill-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Lets a server work until it has given some receipts, then kills it so much later; returns the last receipt of each pump. */
function killed(path: string, next: readonly number[], thenMs: number): Promise<Map<string, number>> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ['--import', LOADER, CHILD, path, ...next.map(String)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const guard = setTimeout(() => child.kill('SIGKILL'), 60_000);
    let said = '';
    let complaints = '';
    let isDying = false;
    child.stdout.on('data', (data) => {
      said += data;
      if (isDying || said.split('\n').length < 20) return;
      isDying = true;
      setTimeout(() => child.kill('SIGKILL'), thenMs);
    });
    child.stderr.on('data', (data) => {
      complaints += data;
    });
    child.once('close', (_, signal) => {
      clearTimeout(guard);
      if (signal !== 'SIGKILL' || complaints !== '') return fail(new Error(`it ended: ${complaints}`));
      const whole = said.slice(0, said.lastIndexOf('\n')).split('\n');
      return done(
        new Map(
          whole.map((line) => {
            const [serial = '', upTo] = line.split(' ');
            return [serial, Number(upTo)] as const;
          }),
        ),
      );
    });
  });
}

test('a server that is killed under load has every record for which it gave a receipt, each once', async () => {
  const path = join(dir, 'pump-server.sqlite');
  let next = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    const receipts = await killed(path, next, round * 7);
    const store = openServerStore(path, { newSeries: false, nowMs: START_MS });
    const seqs = (serial: Serial): number[] =>
      store.records
        .records()
        .filter((record) => record.serial === serial)
        .map(({ seq }) => seq);
    next = [SERIAL, OTHER].map((serial) => {
      const upTo = receipts.get(serial) ?? -1;
      expect(upTo).toBeGreaterThan(0);
      const stored = seqs(serial);
      expect(stored).toEqual(stored.map((_, index) => index));
      expect(stored.length).toBeGreaterThan(upTo);
      // The pump goes on behind what it got a receipt for, and sends again what it got none for.
      return upTo + 1;
    });
    store.close();
  }
}, 180_000);
