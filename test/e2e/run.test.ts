import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runReportSchema } from '../../scenarios/index.ts';
import { loadExercise, runScenarios } from '../../testbed/index.ts';
import { pumprange, tempFolder } from '../helpers/command.ts';

/** What a run of everything left behind, for whoever makes another. */
let wholeCatalogue: string | undefined;

describe('pumprange run', () => {
  test('rehearses the whole catalogue under layered, and prints one JSON document', {
    timeout: 600_000,
  }, async () => {
    const folder = tempFolder();
    const junit = join(folder, 'junit.xml');
    const transcript = join(folder, 'transcript.txt');
    const { code, stdout, stderr } = await pumprange([
      ...['run', '--json', '--junit', junit, '--transcript', transcript],
    ]);
    wholeCatalogue = readFileSync(transcript, 'utf8');
    expect(stderr).toBe('');
    const report = runReportSchema.parse(JSON.parse(stdout));
    const catalogue = readdirSync('scenarios/catalog', { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.yaml'))
      .map((path) => `${basename(path, '.yaml')} pass`);
    expect(catalogue.length).toBeGreaterThan(15);
    expect(report.runs.map(({ id, verdict }) => `${id} ${verdict}`).sort()).toEqual(catalogue.sort());
    expect(code).toBe(0);
    expect(report.runs.filter(({ expectations }) => expectations.length === 0)).toEqual([]);
    expect(report.runs.every(({ timeMode }) => timeMode === 'lockstep')).toBe(true);
    expect(readFileSync(junit, 'utf8')).toMatch(/^<\?xml[\s\S]*<testsuite /);
  });

  test('a forged command does harm on a flat floor and none on a layered one', async () => {
    const flat = await pumprange(['run', 'spoofed-command', '--posture', 'flat-legacy', '--json']);
    const [onFlat] = runReportSchema.parse(JSON.parse(flat.stdout)).runs;
    expect(onFlat?.verdict).toBe('pass');
    expect(onFlat?.harm.overMl).toBeGreaterThan(5);
    expect(onFlat?.stoppedBy).toEqual([]);
    const layered = await pumprange(['run', 'spoofed-command', '--json']);
    const [onLayered] = runReportSchema.parse(JSON.parse(layered.stdout)).runs;
    expect(onLayered?.harm.overMl).toBe(0);
    expect(onLayered?.stoppedBy).toEqual(expect.arrayContaining(['mutual-tls', 'topic-authorization']));
    expect(onLayered?.detectedBy).toContain('command-by-no-clinician');
  });

  test('does not call passed what was not judged', async () => {
    const { stdout } = await pumprange(['run', 'spoofed-command', '--posture', 'sp1800-8']);
    expect(stdout).toMatch(/^NOT JUDGED {2}spoofed-command/);
    expect(stdout).toContain('0 of 0 runs passed, 1 not judged');
    expect(stdout).not.toContain('PASS');
  });

  test('fails with exit code 1 when an expectation does not hold', async () => {
    const folder = tempFolder();
    const file = join(folder, 'wrong.yaml');
    const shipped = readFileSync(
      join(import.meta.dirname, '../../scenarios/catalog/attack/spoofed-command.yaml'),
      'utf8',
    );
    writeFileSync(file, shipped.replace('equalsMlPerH: 20', 'equalsMlPerH: 25'));
    const { code, stdout } = await pumprange(['run', file]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ .*\n.*expected 25 mL\/h ± 1 mL\/h at 8m; was 20(\.\d+)? mL\/h/);
  });

  test('names the line of a malformed scenario, and the nearest id of an unknown one', async () => {
    const folder = tempFolder();
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'id: bad\ntitle: Bad\nfamly: attack\n');
    const malformed = await pumprange(['run', file]);
    expect(malformed).toMatchObject({ code: 2, stdout: '' });
    expect(malformed.stderr).toMatch(/^PR_SCENARIO_INVALID: [\s\S]*bad\.yaml:3:1[\s\S]*family/);

    const unknown = await pumprange(['run', 'spoofed-comand']);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^PR_SCENARIO_UNKNOWN.*spoofed-command/),
    });
    const posture = await pumprange(['run', '--posture', 'layerd']);
    expect(posture).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_POSTURE_UNKNOWN.*layered/) });
    const usage = await pumprange(['run', '--seed', '-1']);
    expect(usage).toMatchObject({ code: 2, stderr: expect.stringMatching(/^PR_USAGE/) });
  });

  test('writes a report folder whole', async () => {
    const folder = join(tempFolder(), 'report');
    await pumprange(['run', 'broker-outage', '--report', folder]);
    runReportSchema.parse(JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')));
    expect(existsSync(join(folder, 'transcripts', 'broker-outage-layered.txt'))).toBe(true);
  });
});

describe('a transcript', () => {
  const transcript = async (what: readonly string[], startMs: number, seed?: number): Promise<string> => {
    const outcome = await runScenarios(loadExercise(), { what, posture: 'layered', seed, startMs });
    return outcome.transcripts.map(({ text }) => text).join('\n');
  };
  /** One of each kind of thing that happens; the whole catalogue takes half a minute a round. */
  const TWENTY_TIMES = [
    'spoofed-command',
    'connect-flood',
    'guest-wifi-to-dose',
    'spoofed-server',
    'broker-outage',
    'library-rollout',
    'power-loss-while-applying',
  ];

  test('is the same twenty times beside a busy loop, whatever the date', { timeout: 600_000 }, async () => {
    const busy = spawn(process.execPath, [
      '-e',
      'const end = Date.now() + 120_000; while (Date.now() < end);',
    ]);
    try {
      const first = await transcript(TWENTY_TIMES, Date.now(), 11);
      expect(first).not.toMatch(/\d{4}-\d\d-\d\dT/);
      for (let round = 1; round < 20; round++) {
        // Dates an odd time apart: nothing of them may show.
        expect(await transcript(TWENTY_TIMES, Date.now() + round * 7_777_777, 11)).toBe(first);
      }
    } finally {
      busy.kill('SIGKILL');
    }
  });

  test('of the whole catalogue is the same twice, half a year apart', { timeout: 600_000 }, async () => {
    const now = Date.now();
    expect(await transcript([], now + 180 * 86_400_000)).toBe(wholeCatalogue ?? (await transcript([], now)));
  });

  test('differs when an outcome differs', async () => {
    const exercise = loadExercise();
    const of = async (posture: string) =>
      (await runScenarios(exercise, { what: ['spoofed-command'], posture, seed: 3 })).transcripts[0]?.text;
    expect(await of('flat-legacy')).not.toBe(await of('layered'));
  });
});
