import { spawn } from 'node:child_process';
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HeapClock } from '../../clock/index.ts';
import { createMemoryPki } from '../../pki/index.ts';
import { HOUSE, loadExercise, runScenarios } from '../../testbed/index.ts';

/** One figure: a value, the baseline of the same run that it is compared with, and their ratio. */
interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly baseline: number;
  readonly ratio: number;
  readonly note: string;
}

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, rounds: { type: 'string', default: '3' } },
});
const ROUNDS = Math.max(1, Number(options.rounds));
const BIN = join(HOUSE, 'bin', 'pumprange.js');
const figures: Record<string, Figure> = {};

function figure(name: string, value: number, unit: string, baseline: number, note: string): void {
  const ratio = value / baseline;
  figures[name] = { value: round(value), unit, baseline: round(baseline), ratio: round(ratio), note };
  console.log(
    `${name.padEnd(34)} ${String(round(value)).padStart(10)} ${unit.padEnd(22)} baseline ${String(round(baseline)).padStart(10)}  ratio ${round(ratio)}  ${note}`,
  );
}

await startUp();
await scenarios();
judging();
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);

/** From the command to a ward in the middle of its shift, in a new folder. */
async function startUp(): Promise<void> {
  const ready: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const dir = mkdtempSync(join(tmpdir(), 'pumprange-bench-'));
    try {
      const out = await run([BIN, 'up', '--port', '0', '--dir', dir, '--for', '0s', '--json']);
      ready.push(JSON.parse(out.stdout).readyMs);
      bare.push((await run([BIN, 'list', 'controls'])).wallMs);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  figure(
    'start-up',
    median(ready),
    'ms',
    median(bare),
    '12 pumps, new PKI, 4 h of shift; against `list controls`',
  );
}

/** Each scenario under each of its postures, and how much faster than real time that is. */
async function scenarios(): Promise<void> {
  const exercise = loadExercise();
  for (const { id } of exercise.scenarios) {
    const walls: number[] = [];
    let simulatedMs = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { report } = await runScenarios(exercise, { what: [id], posture: 'layered' });
      for (const result of report.runs) {
        walls.push(result.wallMs);
        simulatedMs = result.simulatedMs;
      }
    }
    const wallMs = median(walls);
    figure(`scenario ${id}`, wallMs, 'ms', simulatedMs, 'simulated time; layered, on real TLS sockets');
    figure(`speed ${id}`, simulatedMs / wallMs, 'simulated s per real s', 1, 'real time is 1');
  }
}

/** Judging a known chain, against reading one certificate and verifying one signature. */
function judging(): void {
  const clock = new HeapClock(Date.now());
  const pki = createMemoryPki({ clock });
  const { chainDer } = pki.issue({ identity: { kind: 'pump', id: 'LVP-0001' } });
  const judge = pki.judge({ revocation: true });
  const [leaf, issuer] = chainDer;
  if (leaf === undefined || issuer === undefined) throw new Error('a chain has two certificates');
  const issuerKey = new X509Certificate(issuer).publicKey;
  const baseline = perCallUs(2_000, () => new X509Certificate(leaf).verify(issuerKey));
  const judged = perCallUs(2_000, () => judge(chainDer, 'tls-client', clock.now()));
  figure('judge a chain', judged, 'µs', baseline, 'against reading and verifying one bare certificate');
  const content = randomBytes(64);
  const hash = perCallUs(2_000, () => createHash('sha256').update(content).digest());
  const issue = perCallUs(300, () => pki.issue({ identity: { kind: 'pump', id: 'LVP-0002' } }));
  figure('issue a certificate', issue, 'µs', hash, 'P-256, key included; against one SHA-256');
}

function perCallUs(calls: number, work: () => unknown): number {
  for (let call = 0; call < calls / 10; call++) work();
  const startedAt = performance.now();
  for (let call = 0; call < calls; call++) work();
  return ((performance.now() - startedAt) * 1_000) / calls;
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
