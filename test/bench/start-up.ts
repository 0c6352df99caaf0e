import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUSE } from '../../testbed/index.ts';
import { figure, median } from './figure.ts';

const BIN = join(HOUSE, 'bin', 'pumprange.js');

/** From the command to a ward in the middle of its shift, in a new folder. */
export async function startUp(rounds: number): Promise<void> {
  const ready: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const dir = mkdtempSync(join(tmpdir(), 'pumprange-bench-'));
    try {
      const out = await run([BIN, 'up', '--port', '0', '--dir', dir, '--for', '0s', '--json']);
      ready.push(JSON.parse(out.stdout).readyMs);
      bare.push((await run([BIN, 'list', 'controls'])).wallMs);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  const note = '12 pumps, new PKI, 4 h of shift; against `list controls`';
  figure('start-up', median(ready), 'ms', median(bare), note);
}

function run(args: readonly string[]): Promise<{ readonly stdout: string; readonly wallMs: number }> {
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
    });
    child.once('close', (code) => {
      if (code === 0) resolve({ stdout, wallMs: performance.now() - startedAt });
      else reject(new Error(`${args.join(' ')} ended with ${code}`));
    });
  });
}
